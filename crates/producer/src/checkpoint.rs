//! Checkpoints of a run, from which `stack stream --resume` continues.
//!
//! A checkpoint holds the last line up to which every event was accepted or rejected. It is written after each batch
//! and removed when the run finishes. Event ids do not depend on it: an event that is sent twice after a crash stays
//! one event.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Progress of a run.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Checkpoint {
    /// URL of the API that received the events. An environment that was recreated has another URL.
    pub api_url: String,
    /// Mapping of columns to fields.
    pub columns: String,
    /// Every event up to this line was accepted or rejected.
    pub line: u64,
    /// Number of accepted events up to `line`.
    pub accepted: u64,
}

/// The checkpoint file of a run, and the batches that finished out of order.
#[derive(Debug)]
pub struct Checkpoints {
    path: Option<PathBuf>,
    at: Checkpoint,
    /// Number of the first batch that is not done.
    next: u64,
    /// Last line and number of accepted events of batches that are done, but follow a batch that is not.
    ahead: BTreeMap<u64, (u64, u64)>,
    reported: bool,
}

impl Checkpoints {
    /// Keeps the checkpoints of a run that starts after `from` in the file at `path`.
    #[must_use]
    pub fn new(path: PathBuf, from: Checkpoint) -> Self {
        Self {
            path: Some(path),
            ..Self::none(from)
        }
    }

    /// Keeps checkpoints in memory only.
    #[must_use]
    pub fn none(from: Checkpoint) -> Self {
        Self {
            path: None,
            at: from,
            next: 0,
            ahead: BTreeMap::new(),
            reported: false,
        }
    }

    /// Records that batch `number`, counted from 0, with its last line `line` is done.
    ///
    /// # Errors
    ///
    /// When the checkpoint cannot be written. Only the first such error is returned, because the run itself can
    /// continue.
    pub fn done(&mut self, number: u64, line: u64, accepted: u64) -> io::Result<()> {
        self.ahead.insert(number, (line, accepted));
        let before = self.next;
        while let Some((line, accepted)) = self.ahead.remove(&self.next) {
            self.next += 1;
            self.at.line = self.at.line.max(line);
            self.at.accepted += accepted;
        }
        if self.next == before {
            return Ok(());
        }
        match self.write() {
            Err(error) if !std::mem::replace(&mut self.reported, true) => Err(error),
            _ => Ok(()),
        }
    }

    /// Returns the current checkpoint.
    #[must_use]
    pub fn at(&self) -> &Checkpoint {
        &self.at
    }

    /// Writes atomically: after a crash the file holds the old or the new checkpoint.
    fn write(&self) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let new = path.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(&self.at)?)?;
        std::fs::rename(&new, path)
    }

    /// Removes the file of a finished run. Idempotent.
    pub fn remove(&self) {
        if let Some(path) = &self.path {
            // If removal fails, a later `--resume` starts after the finished run, so no event is sent twice.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Reads the checkpoint at `path`. `None` if there is none, or if it is of another `api_url` or other `columns`.
#[must_use]
pub fn read(path: &Path, api_url: &str, columns: &str) -> Option<Checkpoint> {
    let found: Checkpoint = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (found.api_url == api_url && found.columns == columns).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Checkpoint {
        Checkpoint {
            api_url: "http://api".to_owned(),
            ..Checkpoint::default()
        }
    }

    #[test]
    fn a_checkpoint_never_passes_a_batch_that_is_not_done() {
        let mut points = Checkpoints::none(fresh());
        for (number, line, expected) in [(1, 20, 0), (2, 30, 0), (0, 10, 30), (3, 40, 40)] {
            points.done(number, line, 9).unwrap();
            assert_eq!(points.at().line, expected, "{number}");
        }
        assert_eq!(points.at().accepted, 36);
    }

    #[test]
    fn a_checkpoint_is_for_the_same_api_and_columns_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("streams").join("a.json");
        assert_eq!(read(&path, "http://api", ""), None);
        let mut points = Checkpoints::new(path.clone(), fresh());
        points.done(0, 7, 6).unwrap();
        let found = read(&path, "http://api", "").unwrap();
        assert_eq!((found.line, found.accepted), (7, 6));
        assert_eq!(read(&path, "http://another", ""), None);
        assert_eq!(read(&path, "http://api", "Price=UnitPrice"), None);
        points.remove();
        assert_eq!(read(&path, "http://api", ""), None);
    }
}
