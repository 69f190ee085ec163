//! A function's zip: the same bytes for the same binary, under a key that is the hash of them.

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::DeployError;
use crate::platform::FunctionName;

/// A zip, ready to be uploaded.
pub(super) struct Asset {
    /// Its key in the assets bucket.
    pub(super) key: String,
    /// Its bytes.
    pub(super) zip: Vec<u8>,
}

/// Whether to spend time on a smaller zip: over a network it pays, on one machine it does not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Packing {
    /// As it is.
    Stored,
}

/// Zips `binary` as the `bootstrap` of a function. Zipping it again gives the same bytes and key.
pub(super) fn zip(
    function: FunctionName,
    binary: &Path,
    packing: Packing,
) -> Result<Asset, DeployError> {
    let content = std::fs::read(binary).map_err(|source| DeployError::Read {
        path: binary.to_owned(),
        source,
    })?;
    let zip = archive(&content, packing).map_err(|source| DeployError::Zip {
        function: function.as_str(),
        source,
    })?;
    let mut key = format!("functions/{}/", function.as_str());
    for byte in Sha256::digest(&zip).iter().take(16) {
        // Writing to a `String` cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    key.push_str(".zip");
    Ok(Asset { key, zip })
}

fn archive(content: &[u8], packing: Packing) -> Result<Vec<u8>, zip::result::ZipError> {
    let method = match packing {
        Packing::Stored => CompressionMethod::Stored,
    };
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(content.len() + 1024)));
    writer.start_file("bootstrap", options)?;
    writer.write_all(content)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_binary_gives_the_same_zip_and_another_gives_another_key() {
        let folder = tempfile::tempdir().unwrap();
        let zipped = |content: &[u8]| {
            let path = folder.path().join("binary");
            std::fs::write(&path, content).unwrap();
            zip(FunctionName::Store, &path, Packing::Stored).unwrap()
        };
        let (one, two, other) = (zipped(b"elf"), zipped(b"elf"), zipped(b"ELF"));
        assert_eq!((&one.key, &one.zip), (&two.key, &two.zip));
        assert_ne!(one.key, other.key);
        assert!(one.key.starts_with("functions/store/"));
    }
}
