//! Writes files at once: a reader sees the old content or the new one.

use std::io::Write;
use std::path::Path;

use super::WorkbookError;

/// Creates a folder with its parents if it does not exist.
pub(super) fn create_folder(folder: &Path) -> Result<(), WorkbookError> {
    std::fs::create_dir_all(folder).map_err(failed("create the folder", folder))
}

/// Replaces a file. Others may read it, unless the umask forbids that.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), WorkbookError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    let part = tempfile::Builder::new()
        .permissions(mode)
        .tempfile_in(folder);
    let mut part = part.map_err(failed("write", path))?;
    part.write_all(content).map_err(failed("write", path))?;
    part.persist(path)
        .map_err(|error| failed("write", path)(error.error))?;
    Ok(())
}

/// Returns the error of an operation on a path.
pub(super) fn failed(
    doing: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> WorkbookError {
    let path = path.to_owned();
    move |source| WorkbookError::File {
        doing,
        path,
        source,
    }
}
