//! A function's zip: the same bytes for the same binary, under a key that is the hash of them.

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::DeployError;
use crate::environment::Environment;
use crate::function::FunctionSpec;

/// Slowest and smallest of deflate's levels: a zip is made once, and fetched at every cold start.
const SMALLEST: i64 = 9;

/// A binary with the key of its zip. The zip itself is made only when somebody needs it.
#[derive(Debug)]
pub(super) struct Asset {
    function: &'static FunctionSpec,
    content: Vec<u8>,
    packing: Packing,
    /// Its key in the assets bucket: a hash of everything that decides the zip's bytes.
    pub(super) key: String,
}

/// Whether to spend time on a smaller zip: over a network it pays, on one machine it does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Packing {
    /// As it is.
    Stored,
    /// Deflated.
    Small,
}

impl Packing {
    /// What fits where the environment runs.
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

    /// The binary as the `bootstrap` of a function: one file, of a fixed time and mode. Zipping it again
    /// gives the same bytes.
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
    let mut key = format!("functions/{function}/{folder}/");
    for byte in Sha256::digest(content).iter().take(16) {
        // Writing to a `String` cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    key.push_str(".zip");
    key
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
    fn the_same_binary_gives_the_same_zip_and_another_gives_another_key() {
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
    fn the_one_file_is_an_executable_bootstrap_of_no_particular_time() {
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
