//! First pass over a file: hash, size and text encoding.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::Prefix;

/// Text encoding of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    /// The whole file is valid UTF-8, or plain ASCII.
    Utf8,
    /// The file is not valid UTF-8, such as the Kaggle file with `£` as byte 0xA3. Read as ISO 8859-1: each byte is
    /// the character of the same number.
    Latin1,
}

/// Result of the first pass over a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Content {
    /// Prefix of the ids of its events.
    pub prefix: Prefix,
    pub encoding: Encoding,
    /// Size in bytes.
    pub bytes: u64,
}

/// Reads `file` to its end in chunks, and keeps none of them in memory.
///
/// # Errors
///
/// When reading fails.
pub(crate) fn inspect(mut file: impl Read) -> io::Result<Content> {
    let mut sha = Sha256::new();
    let mut utf8 = Utf8Check::default();
    let mut bytes = 0;
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sha.update(&piece[..read]);
        utf8.update(&piece[..read]);
        bytes += read as u64;
    }
    Ok(Content {
        prefix: Prefix::new(&sha.finalize().into()),
        encoding: utf8.encoding(),
        bytes,
    })
}

/// Validates UTF-8 in chunks, whose boundaries may split a character.
#[derive(Debug, Default)]
struct Utf8Check {
    /// Start of an incomplete character: at most three bytes.
    open: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    fn update(&mut self, piece: &[u8]) {
        if self.broken {
            return;
        }
        let mut rest = piece;
        while let ([byte, more @ ..], false) = (rest, self.open.is_empty()) {
            self.open.push(*byte);
            rest = more;
            self.close();
        }
        if !self.broken {
            self.keep_open_end(rest);
        }
    }

    /// Clears the incomplete character when it is complete.
    fn close(&mut self) {
        match std::str::from_utf8(&self.open) {
            Ok(_) => self.open.clear(),
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                self.broken = true;
                self.open.clear();
            }
        }
    }

    fn keep_open_end(&mut self, text: &[u8]) {
        if let Err(error) = std::str::from_utf8(text) {
            match error.error_len() {
                None => self.open.extend_from_slice(&text[error.valid_up_to()..]),
                Some(_) => self.broken = true,
            }
        }
    }

    fn encoding(&self) -> Encoding {
        if self.broken || !self.open.is_empty() {
            Encoding::Latin1
        } else {
            Encoding::Utf8
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reader that returns a text in chunks of a few bytes.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(self.0.len()).min(into.len());
            let (now, later) = self.0.split_at(size);
            into[..size].copy_from_slice(now);
            self.0 = later;
            Ok(size)
        }
    }

    #[test]
    fn one_byte_that_is_not_utf_8_makes_the_whole_file_latin_1() {
        for (bytes, encoding) in [
            (&b""[..], Encoding::Utf8),
            (b"GIN + TONIC DIET METAL SIGN", Encoding::Utf8),
            ("£1 €2 🛒".as_bytes(), Encoding::Utf8),
            (b"BIG CHARM \xa31", Encoding::Latin1),
            (b"cut off \xe2\x82", Encoding::Latin1),
            (b"\xc3\x28", Encoding::Latin1),
            (b"\xed\xa0\x80", Encoding::Latin1),
        ] {
            assert_eq!(inspect(bytes).unwrap().encoding, encoding, "{bytes:?}");
        }
    }

    #[test]
    fn the_prefix_is_the_hash_of_the_content() {
        // `printf abc | sha256sum`
        let content = inspect(&b"abc"[..]).unwrap();
        assert_eq!(content.prefix.as_ref(), "ba7816bf8f01cfea");
        assert_eq!(content.bytes, 3);
    }

    proptest! {
        #[test]
        fn where_the_pieces_part_does_not_matter(
            text in "[a-z£€🛒]{0,40}",
            stray in prop::option::of((0_usize..40, 0x80_u8..)),
            size in 1_usize..9,
        ) {
            let mut bytes = text.into_bytes();
            if let Some((at, byte)) = stray {
                bytes.insert(at.min(bytes.len()), byte);
            }
            let is_utf8 = std::str::from_utf8(&bytes).is_ok();
            let content = inspect(Pieces(&bytes, size)).unwrap();
            prop_assert_eq!(content.encoding == Encoding::Utf8, is_utf8);
            prop_assert_eq!(content, inspect(&bytes[..]).unwrap());
        }
    }
}
