//! A file lock, which the system releases when its holder ends, even by a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::LocalError;

/// Holds the lock until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Takes the lock; `None` if another process holds it.
pub(crate) fn try_lock(path: &Path) -> Result<Option<Lock>, LocalError> {
    if let Some(parent) = path.parent() {
        crate::folders::make(parent)?;
    }
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(LocalError::file("open", path))?;
    match file.try_lock() {
        // The previous holder may have removed the file before we locked it. Such a lock protects nothing.
        Ok(()) => Ok(same_file(&file, path).then_some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(LocalError::file("lock", path)(error)),
    }
}

fn same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.metadata()) {
        (Ok(ours), Ok(theirs)) => ours.ino() == theirs.ino(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_is_not_given_twice_and_is_free_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/a.lock");
        let held = try_lock(&path).unwrap();
        assert!(held.is_some());
        assert!(try_lock(&path).unwrap().is_none());
        drop(held);
        let held = try_lock(&path).unwrap();
        assert!(held.is_some());
        std::fs::remove_file(&path).unwrap();
        assert!(
            try_lock(&path).unwrap().is_some(),
            "a removed lock holds nobody up"
        );
    }
}
