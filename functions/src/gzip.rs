//! Deterministic gzip: the same content gives the same bytes, so writing an object again does not change it.

use std::io::Write;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

/// Level 2 takes a quarter of the time of level 6 for a quarter more bytes: 1.1 instead of 4.5 µs per event.
const LEVEL: u32 = 2;

/// Compresses to `to`, without time and name in the header.
pub fn writer<W: Write>(to: W) -> GzEncoder<W> {
    GzBuilder::new().mtime(0).write(to, Compression::new(LEVEL))
}

/// Compresses `bytes`.
///
/// # Panics
///
/// Never: writing to a `Vec` cannot fail.
#[must_use]
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = writer(Vec::with_capacity(bytes.len() / 8));
    #[expect(clippy::expect_used, reason = "a Vec takes every write")]
    gzip.write_all(bytes)
        .and_then(|()| gzip.finish())
        .expect("a Vec takes every write")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_same_content_is_the_same_bytes_with_no_time_in_them() {
        let bytes = compress(b"536365\n");
        assert_eq!(bytes[4..8], [0; 4]);
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "536365\n");
    }
}
