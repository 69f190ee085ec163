//! Statements on disk, so that a client token and a result survive a restart.
//!
//! One line of JSON for each event. A line that a crash cut short is skipped.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Progress, Request};

/// What happened.
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

/// Appends events.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Reads what is in `directory`, keeps the statements that `keep` wants, and writes a new file
    /// with just these.
    pub(crate) fn open(
        directory: &Path,
        keep: impl Fn(&Request, &Progress) -> bool,
    ) -> io::Result<(Self, Vec<(Request, Progress)>)> {
        let path = directory.join("statements.ndjson");
        let mut found = read(&path)?;
        found.retain(|(request, progress)| keep(request, progress));
        let fresh: PathBuf = directory.join("statements.ndjson.new");
        let mut journal = Self {
            file: File::create(&fresh)?,
        };
        for (request, progress) in &found {
            journal.submitted(request, progress)?;
        }
        std::fs::rename(&fresh, &path)?;
        journal.file = OpenOptions::new().append(true).open(&path)?;
        Ok((journal, found))
    }

    /// Notes a new statement.
    pub(crate) fn submitted(&mut self, request: &Request, progress: &Progress) -> io::Result<()> {
        self.append(&Event::Submitted {
            request: Box::new(request.clone()),
            progress: progress.clone(),
        })
    }

    /// Notes how far a statement is.
    pub(crate) fn changed(&mut self, id: &str, progress: &Progress) -> io::Result<()> {
        self.append(&Event::Changed {
            id: id.to_owned(),
            progress: progress.clone(),
        })
    }

    fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

fn read(path: &Path) -> io::Result<Vec<(Request, Progress)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found: BTreeMap<String, (Request, Progress)> = BTreeMap::new();
    for line in BufReader::new(file).lines() {
        match serde_json::from_str(&line?) {
            Ok(Event::Submitted { request, progress }) => {
                found.insert(request.id.clone(), (*request, progress));
            }
            Ok(Event::Changed { id, progress }) => {
                if let Some((_, known)) = found.get_mut(&id) {
                    *known = progress;
                }
            }
            Err(error) => tracing::warn!(%error, "a line of the journal was skipped"),
        }
    }
    Ok(found.into_values().collect())
}
