//! The zip file of a function. The same binary gives the same bytes, and the key is a hash of them.

use std::io::{Cursor, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::DeployError;
use crate::environment::Environment;
use crate::function::FunctionSpec;

/// The slowest and smallest level of deflate: a zip is written once and fetched at every cold start.
const SMALLEST: i64 = 9;

/// A binary and the key of its zip. The zip is only created when it is needed.
#[derive(Debug)]
pub(super) struct Asset {
    function: &'static FunctionSpec,
    content: Vec<u8>,
    packing: Packing,
    /// The key in the assets bucket: a hash of everything that determines the bytes of the zip.
    pub(super) key: String,
}

/// Whether to compress: it is worth the time for a network, but not on one machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Packing {
    /// Not compressed.
    Stored,
    /// Compressed with deflate.
    Small,
}

impl Packing {
    /// Returns the packing for an environment.
    pub(super) fn of(environment: &Environment) -> Self {
        if environment.is_local() {
            Self::Stored
        } else {
            Self::Small
        }
    }
}

impl Asset {
    /// Reads the binary of `function`.
    pub(super) fn read(
        function: &'static FunctionSpec,
        binary: &Path,
        packing: Packing,
    ) -> Result<Self, DeployError> {
        let content = std::fs::read(binary).map_err(|source| DeployError::Read {
            path: binary.to_owned(),
            source,
        })?;
        let key = key(function, packing, &content);
        Ok(Self {
            function,
            content,
            packing,
            key,
        })
    }

    /// Creates the zip: the binary as the single file `bootstrap`, with a fixed time and mode. Deterministic.
    pub(super) fn zip(&self) -> Result<Vec<u8>, DeployError> {
        archive(&self.content, self.packing).map_err(|source| DeployError::Zip {
            function: self.function.name,
            source,
        })
    }
}

fn key(function: &'static FunctionSpec, packing: Packing, content: &[u8]) -> String {
    let folder = match packing {
        Packing::Stored => "stored",
        Packing::Small => "deflated",
    };
    let hash = hex::encode(&Sha256::digest(content)[..16]);
    format!("functions/{function}/{folder}/{hash}.zip")
}

fn archive(content: &[u8], packing: Packing) -> Result<Vec<u8>, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let options = match packing {
        Packing::Stored => options.compression_method(CompressionMethod::Stored),
        Packing::Small => options
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(SMALLEST)),
    };
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(content.len() / 2)));
    writer.start_file("bootstrap", options)?;
    writer.write_all(content)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use crate::function::STORE;
    use std::io::Read;

    use super::*;

    fn asset(content: &[u8], packing: Packing) -> Asset {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("binary");
        std::fs::write(&path, content).unwrap();
        Asset::read(&STORE, &path, packing).unwrap()
    }

    #[test]
    fn the_same_binary_gives_the_same_zip_and_another_binary_another_key() {
        for packing in [Packing::Stored, Packing::Small] {
            let [one, two, other] = [&b"elf"[..], b"elf", b"ELF"].map(|it| asset(it, packing));
            assert_eq!(
                (&one.key, one.zip().unwrap()),
                (&two.key, two.zip().unwrap())
            );
            assert_ne!(one.key, other.key);
            assert!(one.key.starts_with("functions/store/"));
        }
    }

    #[test]
    fn a_zip_for_a_network_is_small_and_has_another_key() {
        let content = vec![7; 100_000];
        let (stored, small) = (
            asset(&content, Packing::Stored),
            asset(&content, Packing::Small),
        );
        assert_ne!(stored.key, small.key);
        assert!(stored.zip().unwrap().len() > content.len());
        assert!(small.zip().unwrap().len() < 1000);
    }

    #[test]
    fn the_zip_has_one_executable_bootstrap_with_a_fixed_time() {
        for packing in [Packing::Stored, Packing::Small] {
            let zip = asset(b"elf", packing).zip().unwrap();
            let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
            assert_eq!(archive.len(), 1);
            let mut file = archive.by_index(0).unwrap();
            assert_eq!(file.name().unwrap(), "bootstrap");
            assert_eq!(file.unix_mode(), Some(0o100_755));
            assert_eq!(file.last_modified(), Some(DateTime::default()));
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            assert_eq!(content, b"elf");
        }
    }
}
