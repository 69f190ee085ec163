//! Decodes bytes to text.

/// Replaces each byte that is not UTF-8, so that all other bytes keep their position. JSON allows this character only
/// inside strings, and no identifier may contain it.
const DAMAGED: u8 = 0x7f;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Charset {
    Utf8,
    /// The web also treats the label ISO-8859-1 as this charset. The Kaggle file uses it.
    ///
    /// Source: <https://encoding.spec.whatwg.org/#names-and-labels>
    Windows1252,
}

impl Charset {
    /// Returns the charset of a content type such as `application/json; charset=utf-8`: UTF-8 if it names none, `None`
    /// if the charset is not supported.
    pub(super) fn named(content_type: &str) -> Option<Self> {
        let charset = content_type
            .split(';')
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .map_or("utf-8", |(_, value)| value.trim().trim_matches('"'));
        match charset.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" => Some(Self::Utf8),
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => Some(Self::Windows1252),
            _ => None,
        }
    }
}

/// Decoded text, with the original bytes if some of them are not UTF-8.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Text {
    text: String,
    damaged: Option<Vec<u8>>,
}

impl Text {
    /// Decodes `bytes` and removes a byte order mark.
    pub(super) fn decode(mut bytes: Vec<u8>, charset: Charset) -> Self {
        if charset == Charset::Windows1252 {
            return Self::from(bytes.into_iter().map(windows_1252).collect::<String>());
        }
        if bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.drain(.."\u{feff}".len());
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::from(text),
            Err(error) => {
                let bytes = error.into_bytes();
                let mut text = String::with_capacity(bytes.len());
                for chunk in bytes.utf8_chunks() {
                    text.push_str(chunk.valid());
                    text.extend(chunk.invalid().iter().map(|_| char::from(DAMAGED)));
                }
                Self {
                    text,
                    damaged: Some(bytes),
                }
            }
        }
    }

    /// Returns the whole text, with one replacement character for each byte that is not UTF-8.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the original bytes of `part`, a slice of [`as_str`](Self::as_str), if some of them are not UTF-8.
    pub(super) fn damaged(&self, part: &str) -> Option<&[u8]> {
        let start = part
            .as_ptr()
            .addr()
            .checked_sub(self.text.as_ptr().addr())?;
        let bytes = self.damaged.as_ref()?.get(start..start + part.len())?;
        str::from_utf8(bytes).is_err().then_some(bytes)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        Self {
            text,
            damaged: None,
        }
    }
}

/// Characters of the bytes 0x80 to 0x9F. Every other byte has the code point of the same number.
///
/// Source: <https://encoding.spec.whatwg.org/index-windows-1252.txt>
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_part_with_invalid_bytes_is_damaged() {
        let bytes = b"\xef\xbb\xbfgood \xc2\xa3\nbad \xa3 and \xe2\x82\ngood \xef\xbf\xbd";
        let text = Text::decode(bytes.to_vec(), Charset::Utf8);
        let lines: Vec<_> = text.as_str().lines().collect();
        assert_eq!(
            lines,
            ["good £", "bad \u{7f} and \u{7f}\u{7f}", "good \u{fffd}"]
        );
        let damaged: Vec<_> = lines.iter().map(|line| text.damaged(line)).collect();
        assert_eq!(damaged, [None, Some(&b"bad \xa3 and \xe2\x82"[..]), None]);
    }

    #[test]
    fn nothing_is_damaged_in_another_charset_or_a_text_from_elsewhere() {
        let text = Text::decode(b"\xa3 \x80 \x93".to_vec(), Charset::Windows1252);
        assert_eq!(text.as_str(), "£ € “");
        assert_eq!(text.damaged(text.as_str()), None);
        let damaged = Text::decode(b"\xa3".to_vec(), Charset::Utf8);
        assert_eq!(damaged.damaged("another text, not a slice of it"), None);
    }

    proptest! {
        #[test]
        fn every_byte_keeps_its_place(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = Text::decode(bytes.clone(), Charset::Utf8);
            let start = bytes.len() - text.as_str().len();
            prop_assert!(start == 0 || bytes.starts_with(b"\xef\xbb\xbf"));
            let whole = str::from_utf8(&bytes[start..]);
            prop_assert_eq!(text.damaged(text.as_str()).is_none(), whole.is_ok());
            for (read, byte) in text.as_str().bytes().zip(&bytes[start..]) {
                prop_assert!(read == *byte || read == DAMAGED);
            }
        }
    }
}
