//! The packaged workbook (`.twbx`): a zip of a workbook and its extract.

use std::io::{Cursor, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// An extract in a package.
#[derive(Clone, Copy, Debug)]
pub struct Extract<'a> {
    /// The path in the package, which the workbook's connection names.
    pub path: &'a str,
    pub content: &'a [u8],
}

/// Packs a workbook. Deterministic: the files have a fixed time and mode.
///
/// # Errors
///
/// Fails if the zip cannot be written, for example because an extract is larger than 4 GB.
pub fn package(
    name: &str,
    workbook: &str,
    extract: Option<Extract<'_>>,
) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, options)?;
    zip.write_all(workbook.as_bytes())?;
    if let Some(extract) = extract {
        zip.start_file(extract.path, options)?;
        zip.write_all(extract.content)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_workbook_gives_the_same_bytes() {
        let extract = Extract {
            path: "Data/Extracts/a.hyper",
            content: b"rows",
        };
        let pack = || package("a.twb", "<workbook/>", Some(extract)).unwrap();
        assert_eq!(pack(), pack());
    }
}
