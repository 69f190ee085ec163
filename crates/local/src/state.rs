//! The state of an environment, in a file that survives all processes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::ports::Ports;
use crate::{LocalError, Machine, ProcessId};

/// A part of an environment that is kept running independently.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// MiniStack: all AWS services except Redshift.
    Emulator,
    /// PostgreSQL.
    Warehouse,
    /// The Redshift Data API server and the TLS proxy, inside the supervisor.
    DataApi,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Emulator, Self::Warehouse, Self::DataApi];

    /// Returns the name in `stack status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emulator => "emulator",
            Self::Warehouse => "warehouse",
            Self::DataApi => "data api",
        }
    }

    /// Returns the ports that it listens on.
    pub(crate) fn ports(self, ports: Ports) -> Vec<u16> {
        match self {
            Self::Emulator => vec![ports.emulator],
            Self::Warehouse => vec![ports.postgres],
            Self::DataApi => vec![ports.data_api, ports.tls],
        }
    }
}

/// Why a part does not run. The supervisor retries it until it runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Failure {
    /// One line, such as a full disk, an invalid setting, or a port in use.
    pub reason: String,
    /// When it first failed.
    #[serde(with = "rfc3339")]
    pub since: OffsetDateTime,
    /// When it was tried last.
    #[serde(with = "rfc3339")]
    pub tried: OffsetDateTime,
    /// The number of attempts since it first failed.
    pub attempts: u32,
}

/// The content of the file. It is replaced by a rename, so that readers see either the old or the new state.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct State {
    /// The build of the supervisor.
    pub(crate) build: String,
    pub(crate) supervisor: ProcessId,
    pub(crate) ports: Ports,
    pub(crate) emulator: Option<Child>,
    pub(crate) postgres: Option<Child>,
    pub(crate) phase: Phase,
    /// When the data was created.
    #[serde(with = "rfc3339")]
    pub(crate) data_since: OffsetDateTime,
    /// Whether the emulator writes its state to disk. Builds before 0.2 kept it in memory.
    #[serde(default)]
    pub(crate) persistent: bool,
    /// Parts that do not run.
    #[serde(default)]
    pub(crate) failures: BTreeMap<Part, Failure>,
}

/// A child process and the fingerprint of its command.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Child {
    #[serde(flatten)]
    pub(crate) id: ProcessId,
    /// The hash of its program, arguments and environment variables. If it differs, the child has to be restarted.
    pub(crate) launch: String,
}

/// The phase of the environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub(crate) enum Phase {
    /// Parts are being started.
    Starting,
    /// Every part runs, or has failed (`failures`).
    Ready,
    /// `stack stop` ended it.
    Stopped,
    /// The supervisor could not start.
    Broken { reason: String },
}

impl State {
    /// Reads the state; `None` if the environment was never started, or its file has another format.
    pub(crate) fn read(machine: &Machine) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(machine.state_file()).ok()?).ok()
    }

    pub(crate) fn write(&self, machine: &Machine) -> Result<(), LocalError> {
        let path = machine.state_file();
        let write = || -> std::io::Result<()> {
            let text = serde_json::to_vec_pretty(self)?;
            replace(machine.folder(), &path, &text).or_else(|error| {
                // On a full disk, the failure must still be stored: overwrite the existing file.
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

    /// Records that a part does not run. `since` stays the time of the first failure.
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

    /// Returns whether the supervisor could not start.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.phase, Phase::Broken { .. })
    }

    /// Returns whether a part has failed since `asked`, and at least `attempts` times.
    pub(crate) fn failed_since(&self, asked: OffsetDateTime, attempts: u32) -> bool {
        self.failures
            .values()
            .any(|failure| failure.tried > asked && failure.attempts >= attempts)
    }

    /// Returns why the environment cannot be used now; `None` if it can.
    pub(crate) fn unusable_reason(&self) -> Option<String> {
        match &self.phase {
            Phase::Stopped => Some("it was stopped".to_owned()),
            Phase::Broken { reason } => Some(reason.clone()),
            _ if !self.supervisor.is_alive() => Some("its supervisor exited".to_owned()),
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
