//! Files that a command writes for its user.

use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Replaces a file at once: a reader sees the old content or the new one. Others may read it, unless the umask forbids
/// that. Repeating it writes the same file.
///
/// # Errors
///
/// Fails if the folder of `path` does not exist, or nothing can be written there.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut part = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    part.write_all(content)?;
    part.persist(path)?;
    Ok(())
}
