//! What runs in an environment, as a file that outlives every process.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::ports::Ports;
use crate::{LocalError, Machine, ProcessId};

/// A part of an environment that is kept running by itself.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// MiniStack: every AWS service but the warehouse.
    Emulator,
    /// PostgreSQL.
    Warehouse,
    /// The Redshift Data API and the TLS port, inside the supervisor.
    DataApi,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Emulator, Self::Warehouse, Self::DataApi];

    /// As `stack status` names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emulator => "emulator",
            Self::Warehouse => "warehouse",
            Self::DataApi => "data api",
        }
    }
}

/// Why a part does not run. It is tried again until it does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Failure {
    /// In one line: disk full, bad setting, port taken.
    pub reason: String,
    /// When it was first found not to run.
    #[serde(with = "rfc3339")]
    pub since: OffsetDateTime,
    /// When it was last tried.
    #[serde(with = "rfc3339")]
    pub tried: OffsetDateTime,
    /// How often it was tried since.
    pub attempts: u32,
}

/// The file's content. Written whole and renamed into place, so that a reader sees one state or the other.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct State {
    /// Which build of `stack` supervises.
    pub(crate) build: String,
    pub(crate) supervisor: ProcessId,
    pub(crate) ports: Ports,
    pub(crate) emulator: Option<Child>,
    pub(crate) postgres: Option<Child>,
    pub(crate) phase: Phase,
    /// When the data began.
    #[serde(with = "rfc3339")]
    pub(crate) data_since: OffsetDateTime,
    /// Whether the emulator writes its state to disk; builds before 0.2 kept it in memory.
    #[serde(default)]
    pub(crate) persistent: bool,
    /// Parts that do not run.
    #[serde(default)]
    pub(crate) failures: BTreeMap<Part, Failure>,
}

/// A child, and what it was started as.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Child {
    #[serde(flatten)]
    pub(crate) id: ProcessId,
    /// Hash of its program, arguments and environment: another one needs another start.
    pub(crate) launch: String,
}

/// How far the environment is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub(crate) enum Phase {
    /// Parts are being started.
    Starting,
    /// Every part runs, or is known not to (`failures`).
    Ready,
    /// `stack stop` ended it.
    Stopped,
    /// The supervisor could not begin.
    Broken {
        /// Why, and what to look at.
        reason: String,
    },
}

impl State {
    /// `None` when the environment was never started, or its file is of another version.
    pub(crate) fn read(machine: &Machine) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(machine.state_file()).ok()?).ok()
    }

    pub(crate) fn write(&self, machine: &Machine) -> Result<(), LocalError> {
        let path = machine.state_file();
        let write = || -> std::io::Result<()> {
            let text = serde_json::to_vec_pretty(self)?;
            replace(machine.folder(), &path, &text).or_else(|error| {
                // The reason of a full disk must still find its place: the file's own.
                if error.kind() == std::io::ErrorKind::StorageFull {
                    overwrite(&path, &text)
                } else {
                    Err(error)
                }
            })
        };
        write().map_err(LocalError::file("write", &path))
    }

    pub(crate) fn child(&self, part: Part) -> Option<&Child> {
        match part {
            Part::Emulator => self.emulator.as_ref(),
            Part::Warehouse => self.postgres.as_ref(),
            Part::DataApi => None,
        }
    }

    pub(crate) fn set_child(&mut self, part: Part, child: Option<Child>) {
        match part {
            Part::Emulator => self.emulator = child,
            Part::Warehouse => self.postgres = child,
            Part::DataApi => {}
        }
    }

    /// Notes that a part does not run. The time since when stays that of the first failure.
    pub(crate) fn fail(&mut self, part: Part, reason: String, now: OffsetDateTime) {
        let before = self.failures.get(&part);
        let failure = Failure {
            reason,
            since: before.map_or(now, |failure| failure.since),
            tried: now,
            attempts: before.map_or(1, |failure| failure.attempts + 1),
        };
        self.failures.insert(part, failure);
    }

    /// Whether the supervisor could not begin.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.phase, Phase::Broken { .. })
    }

    /// Whether a part was tried in vain since `asked`, and often enough to say so.
    pub(crate) fn failed_since(&self, asked: OffsetDateTime, attempts: u32) -> bool {
        self.failures
            .values()
            .any(|failure| failure.tried > asked && failure.attempts >= attempts)
    }

    /// Why the environment is of no use now; `None` when it is.
    pub(crate) fn trouble(&self) -> Option<String> {
        match &self.phase {
            Phase::Stopped => Some("it was stopped".to_owned()),
            Phase::Broken { reason } => Some(reason.clone()),
            _ if !self.supervisor.is_alive() => Some("its supervisor ended".to_owned()),
            Phase::Starting => Some("it is still starting".to_owned()),
            Phase::Ready => None,
        }
    }
}

fn replace(folder: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut part = tempfile::NamedTempFile::new_in(folder)?;
    part.write_all(text)?;
    part.persist(path)?;
    Ok(())
}

fn overwrite(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
    file.write_all(text)?;
    file.set_len(text.len() as u64)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_failure_keeps_the_time_since_when_and_a_file_of_an_older_build_is_read() {
        let older = serde_json::json!({
            "build": "1", "supervisor": {"pid": 1, "started": "0"},
            "ports": {"emulator": 1, "postgres": 2, "data_api": 3, "tls": 4},
            "emulator": null, "postgres": null, "phase": {"phase": "ready"},
            "data_since": "2026-01-01T00:00:00Z",
        });
        let mut state: State = serde_json::from_value(older).unwrap();
        assert!(!state.persistent);
        let (first, second) = (
            datetime!(2026-01-02 12:00 UTC),
            datetime!(2026-01-02 12:01 UTC),
        );
        state.fail(Part::Warehouse, "a".to_owned(), first);
        state.fail(Part::Warehouse, "b".to_owned(), second);
        let expected = Failure {
            reason: "b".to_owned(),
            since: first,
            tried: second,
            attempts: 2,
        };
        assert_eq!(state.failures[&Part::Warehouse], expected);
        let again: State = serde_json::from_value(serde_json::to_value(&state).unwrap()).unwrap();
        assert_eq!(again.failures, state.failures);
    }
}
