//! Stores statements on disk, so that client tokens and results survive a restart.
//!
//! The journal has one line of JSON for each event. Incomplete lines are skipped.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Progress, Request};
use crate::private;
use crate::sql::hide_passwords;

/// An event of the journal.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Event {
    Submitted {
        request: Box<Request>,
        progress: Progress,
    },
    Changed {
        id: String,
        progress: Progress,
    },
}

/// Appends events to the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Whether the last line may be incomplete.
    is_torn: bool,
}

impl Journal {
    /// Reads the journal in `directory` and replaces it by one that holds only the statements for
    /// which `keep` returns true.
    pub(crate) fn open(
        directory: &Path,
        keep: impl Fn(&Request, &Progress) -> bool,
    ) -> io::Result<(Self, Vec<(Request, Progress)>)> {
        let path = directory.join("statements.ndjson");
        let mut found = read(&path)?;
        found.retain(|(request, progress)| keep(request, progress));
        let file = write(&path, found.iter().cloned())?;
        let journal = Self {
            path,
            file,
            is_torn: false,
        };
        Ok((journal, found))
    }

    /// Replaces the journal by one that holds only these statements in their current state.
    pub(crate) fn compact(
        &mut self,
        statements: impl Iterator<Item = (Request, Progress)>,
    ) -> io::Result<()> {
        self.file = write(&self.path, statements)?;
        self.is_torn = false;
        Ok(())
    }

    /// Appends a new statement.
    pub(crate) fn submitted(&mut self, request: &Request, progress: &Progress) -> io::Result<()> {
        self.append(&Event::submitted(request.clone(), progress.clone()))
    }

    /// Appends a change of progress; the last one of a statement counts.
    pub(crate) fn changed(&mut self, id: &str, progress: &Progress) -> io::Result<()> {
        self.append(&Event::Changed {
            id: id.to_owned(),
            progress: progress.clone(),
        })
    }

    /// Appends one line. A line that an earlier failure left incomplete is ended first, so that
    /// both can be told apart.
    fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = Vec::new();
        if self.is_torn {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, event)?;
        line.push(b'\n');
        self.is_torn = true;
        self.file.write_all(&line)?;
        self.is_torn = false;
        Ok(())
    }
}

impl Event {
    /// Creates the event of a new statement, with its passwords removed.
    fn submitted(mut request: Request, progress: Progress) -> Self {
        hide_passwords(&mut request.sqls, &mut request.parameters);
        Self::Submitted {
            request: Box::new(request),
            progress,
        }
    }
}

/// Replaces the file at `path` atomically by one with `statements`, and returns it open at its end.
fn write(path: &Path, statements: impl Iterator<Item = (Request, Progress)>) -> io::Result<File> {
    let fresh = path.with_extension("ndjson.new");
    let mut file = BufWriter::new(private::file(&fresh)?);
    for (request, progress) in statements {
        serde_json::to_writer(&mut file, &Event::submitted(request, progress))?;
        file.write_all(b"\n")?;
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    std::fs::rename(&fresh, path)?;
    Ok(file)
}

fn read(path: &Path) -> io::Result<Vec<(Request, Progress)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found: BTreeMap<String, (Request, Progress)> = BTreeMap::new();
    for line in BufReader::new(file).split(b'\n') {
        let line = line?;
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(Event::Submitted { request, progress }) => {
                found.insert(request.id.clone(), (*request, progress));
            }
            Ok(Event::Changed { id, progress }) => {
                if let Some((_, known)) = found.get_mut(&id) {
                    *known = progress;
                }
            }
            Err(error) => tracing::warn!(%error, "skipped an unreadable line of the journal"),
        }
    }
    Ok(found.into_values().collect())
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::super::Status;
    use super::*;

    #[test]
    fn a_truncated_line_does_not_damage_the_next_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("statements.ndjson");
        let (mut journal, _) = Journal::open(directory.path(), |_, _| true).unwrap();
        let mut progress = Progress::submitted(0, 1..=1);
        journal.submitted(&Request::sample("a"), &progress).unwrap();
        journal.file = File::open(&path).unwrap();
        assert!(journal.changed("a", &progress).is_err());
        journal.file = OpenOptions::new().append(true).open(&path).unwrap();
        journal.file.write_all(b"{\"changed\":").unwrap();
        progress.settle(Status::Finished, None);
        journal.changed("a", &progress).unwrap();
        let found = read(&path).unwrap();
        assert_eq!(found[0].1.status, Status::Finished);
    }
}
