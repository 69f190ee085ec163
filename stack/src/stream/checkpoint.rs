//! How far a run has come, so that `stack stream --resume` goes on there.
//!
//! A checkpoint names the last line up to which every event was accepted or refused. It is written after each batch and
//! removed when the run is finished. Ids do not hang on it: what is sent twice after a crash is the same event.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Checkpoint {
    /// The API that took the events. An environment that was made anew has another one.
    pub api_url: String,
    /// Which column is which field.
    pub columns: String,
    /// Every event up to this line was accepted or refused.
    pub line: u64,
    /// Events up to it that were accepted.
    pub accepted: u64,
}

/// The file of a run's checkpoint, and the batches that are done ahead of it.
#[derive(Debug)]
pub struct Checkpoints {
    path: Option<PathBuf>,
    at: Checkpoint,
    /// Number of the batch that the checkpoint waits for.
    next: u64,
    /// Last line and accepted events of batches that are done behind one that is not.
    ahead: BTreeMap<u64, (u64, u64)>,
    told: bool,
}

impl Checkpoints {
    /// Keeps the checkpoints of a run that begins behind `from` in the file at `path`.
    #[must_use]
    pub fn new(path: PathBuf, from: Checkpoint) -> Self {
        Self {
            path: Some(path),
            ..Self::none(from)
        }
    }

    /// Keeps none on disk.
    #[must_use]
    pub fn none(from: Checkpoint) -> Self {
        Self {
            path: None,
            at: from,
            next: 0,
            ahead: BTreeMap::new(),
            told: false,
        }
    }

    /// Takes note that batch `number`, counted from 0 and up to line `line`, is done.
    ///
    /// # Errors
    ///
    /// When the checkpoint cannot be written, the first time only: the run itself needs none.
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
            Err(error) if !std::mem::replace(&mut self.told, true) => Err(error),
            _ => Ok(()),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn at(&self) -> &Checkpoint {
        &self.at
    }

    /// A crash leaves the checkpoint of before or the new one.
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

    /// Removes the file: the run is finished. Removed again, nothing happens.
    pub fn remove(&self) {
        if let Some(path) = &self.path {
            // One that is left is of a run that is finished: going on behind it sends nothing twice.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The checkpoint in the file at `path`, if it is of a run to `api_url` with these `columns`.
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
