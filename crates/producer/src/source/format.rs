//! Recognises the format of a file by its first bytes, because names are often wrong.

/// Number of bytes that [`recognise`] needs.
pub(super) const START: u64 = 8;

/// Format of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// Any other content; treated as CSV.
    Text,
    /// gzip with any content.
    Gzip,
    /// A zip archive, such as an `.xlsx` workbook.
    Zip,
    /// An unsupported format.
    Foreign(&'static Foreign),
}

/// An unsupported format.
#[derive(Debug, Eq, PartialEq)]
pub struct Foreign {
    pub name: &'static str,
    /// What the user can do with such a file.
    pub advice: &'static str,
}

impl Foreign {
    /// A gzip file inside a gzip file.
    pub(super) const TWICE: Self = Self {
        name: "compressed by gzip twice",
        advice: DECOMPRESS,
    };
}

const DECOMPRESS: &str = "decompress it into a pipe: `… -dc FILE | stack stream -`";
const SAVE_AS: &str = "save it as .xlsx without a password, or as CSV in UTF-8";
const UTF_8: &str = "convert it: `iconv -f UTF-16 -t UTF-8 FILE | stack stream -`";

/// First bytes of unsupported formats.
const FOREIGN: [(&[u8], Foreign); 6] = [
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Foreign {
            name: "an old Excel workbook (.xls), or one with a password",
            advice: SAVE_AS,
        },
    ),
    (
        b"\xfd7zXZ\0",
        Foreign {
            name: "compressed by xz",
            advice: DECOMPRESS,
        },
    ),
    (
        b"\x28\xb5\x2f\xfd",
        Foreign {
            name: "compressed by zstd",
            advice: DECOMPRESS,
        },
    ),
    (
        b"BZh",
        Foreign {
            name: "compressed by bzip2",
            advice: DECOMPRESS,
        },
    ),
    (
        b"\xff\xfe",
        Foreign {
            name: "text in UTF-16",
            advice: UTF_8,
        },
    ),
    (
        b"\xfe\xff",
        Foreign {
            name: "text in UTF-16",
            advice: UTF_8,
        },
    ),
];

/// Recognises a format by the first [`START`] bytes of a file, or by all bytes of a shorter file.
pub(super) fn recognise(start: &[u8]) -> Format {
    if start.starts_with(b"\x1f\x8b") {
        return Format::Gzip;
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Format::Zip;
    }
    FOREIGN
        .iter()
        .find(|(magic, _)| start.starts_with(magic))
        .map_or(Format::Text, |(_, foreign)| Format::Foreign(foreign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        assert_eq!(recognise(b""), Format::Text);
        assert_eq!(recognise(b"InvoiceN"), Format::Text);
        assert_eq!(recognise(b"\xef\xbb\xbfInvo"), Format::Text);
        assert_eq!(recognise(b"\x1f\x8b\x08\0\0\0\0\0"), Format::Gzip);
        assert_eq!(recognise(b"PK\x03\x04\x14\0\0\0"), Format::Zip);
        for foreign in [&b"\xfd7zXZ\0\0\x04"[..], b"\xff\xfeI\0n\0v\0", b"BZh91AY&"] {
            assert!(
                matches!(recognise(foreign), Format::Foreign(_)),
                "{foreign:?}"
            );
        }
    }
}
