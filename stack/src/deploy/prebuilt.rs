//! Functions that were built elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cfn::resources::lambda::Architecture;

use super::{DeployError, elf};
use crate::function::{FUNCTIONS, FunctionSpec};

/// Finds the binary of every function in `folder`, as `NAME` or, as `cargo lambda` writes them,
/// `NAME/bootstrap`.
///
/// # Errors
///
/// Fails if one is missing, or cannot run on `architecture` with Lambda's glibc.
pub fn prebuilt(
    folder: &Path,
    architecture: Architecture,
) -> Result<BTreeMap<&'static FunctionSpec, PathBuf>, DeployError> {
    FUNCTIONS
        .into_iter()
        .map(|function| {
            let name = function.name;
            let path = [folder.join(name).join("bootstrap"), folder.join(name)]
                .into_iter()
                .find(|path| path.is_file())
                .ok_or_else(|| DeployError::NoPrebuilt {
                    function: name,
                    folder: folder.to_owned(),
                })?;
            check(&path, architecture)?;
            Ok((function, path))
        })
        .collect()
}

/// Refuses a binary that cannot run as a function.
pub(super) fn check(path: &Path, architecture: Architecture) -> Result<(), DeployError> {
    let binary = std::fs::read(path).map_err(|source| DeployError::Read {
        path: path.to_owned(),
        source,
    })?;
    match elf::problem(&binary, architecture) {
        None => Ok(()),
        Some(problem) => Err(DeployError::NotForLambda {
            path: path.to_owned(),
            problem,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::STORE;

    fn folder(content: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for function in FUNCTIONS {
            std::fs::write(folder.path().join(function.name), content).unwrap();
        }
        folder
    }

    /// Returns the executable of this test, which runs on this machine.
    fn own() -> Vec<u8> {
        let mut header = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        header.truncate(64);
        header
    }

    fn other() -> Architecture {
        match Architecture::host() {
            Architecture::Arm64 => Architecture::X86,
            Architecture::X86 => Architecture::Arm64,
        }
    }

    #[test]
    fn both_layouts_are_found() {
        let folder = folder(&own());
        let store = folder.path().join("store");
        std::fs::remove_file(&store).unwrap();
        std::fs::create_dir(&store).unwrap();
        std::fs::write(store.join("bootstrap"), own()).unwrap();
        let found = prebuilt(folder.path(), Architecture::host()).unwrap();
        assert_eq!(found.len(), FUNCTIONS.len());
        assert_eq!(found[&&STORE], store.join("bootstrap"));
    }

    #[test]
    fn a_missing_function_is_named_with_the_folder() {
        let folder = folder(&own());
        std::fs::remove_file(folder.path().join("load")).unwrap();
        let error = prebuilt(folder.path(), Architecture::host()).unwrap_err();
        assert!(error.to_string().contains("`load`"), "{error}");
    }

    #[test]
    fn a_binary_for_another_architecture_is_refused_with_its_path() {
        let folder = folder(&own());
        let error = prebuilt(folder.path(), other()).unwrap_err().to_string();
        let path = folder.path().join("ingest");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
