//! What runs in an environment, as a file that outlives every process.

use std::io::Write;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::ports::Ports;
use crate::{LocalError, Machine, ProcessId};

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
    /// When the data began: the emulator keeps its state in memory only.
    #[serde(with = "rfc3339")]
    pub(crate) data_since: OffsetDateTime,
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
    /// Children are being started.
    Starting,
    /// All answer.
    Ready,
    /// A child died that cannot be brought back without its data, or did not start.
    Broken {
        /// Which, and what to look at.
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
        let file = || -> std::io::Result<()> {
            let mut part = tempfile::NamedTempFile::new_in(machine.folder())?;
            part.write_all(&serde_json::to_vec_pretty(self)?)?;
            part.persist(&path)?;
            Ok(())
        };
        file().map_err(LocalError::file("write", &path))
    }

    /// Why the environment is of no use now; `None` when it is.
    pub(crate) fn trouble(&self) -> Option<String> {
        match &self.phase {
            Phase::Broken { reason } => Some(reason.clone()),
            _ if !self.supervisor.is_alive() => Some("its supervisor ended".to_owned()),
            Phase::Starting => Some("it is still starting".to_owned()),
            Phase::Ready => None,
        }
    }
}
