//! The report itself: what `stack status --json` prints.

use std::collections::BTreeMap;

use local::Health;
use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::Newest;
use super::problem::{Problem, Unknown};
use crate::load::SetAside;

/// How an environment is.
#[derive(Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub environment: String,
    /// `local` or `aws`.
    pub target: String,
    /// When it was asked.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// Whether there is no problem and everything could be asked.
    pub healthy: bool,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What could not be asked.
    pub unknown: Vec<Unknown>,
    /// The processes of a local environment; on AWS the services that answer for the warehouse.
    pub processes: Vec<Health>,
    /// The stages in the order in which an event passes them.
    pub stages: Vec<Stage>,
    /// The newest load; none before the first, or when it is unknown.
    pub last_load: Option<LastLoad>,
    /// The newest files in quarantine, with the warehouse's own reasons.
    pub set_aside: Vec<SetAside>,
    /// The newest objects, from which rates are measured.
    #[serde(skip)]
    pub newest: Newest,
}

/// A stage, by the word that it has everywhere.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// HTTP to stream.
    Ingest,
    /// Kinesis.
    Stream,
    /// Stream to tables and raw lake.
    Store,
    /// Raw lake to CSV.
    Transform,
    /// CSV to warehouse.
    Load,
    /// The shop's reads.
    Query,
}

impl StageName {
    /// The word itself.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Stream => "stream",
            Self::Store => "store",
            Self::Transform => "transform",
            Self::Load => "load",
            Self::Query => "query",
        }
    }
}

/// How one stage is.
#[derive(Debug, Serialize)]
pub struct Stage {
    /// Which one.
    pub name: StageName,
    /// What it has done. Objects are those of today and yesterday.
    pub counts: BTreeMap<&'static str, u64>,
    /// What waits for it: records of the stream, or messages of its queue. None where nothing can wait, or
    /// when it is unknown.
    pub backlog: Option<u64>,
    /// Seconds since the oldest of what waits came; 0 when nothing waits.
    pub lag_seconds: Option<f64>,
    /// Rejects that nobody acknowledged; none when they are unknown.
    pub rejects: Option<u64>,
    /// The newest error of its function's log in the last fifteen minutes.
    pub last_error: Option<LastError>,
    /// With `--watch`: how many events it did a second since the last look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_per_second: Option<f64>,
}

/// An error that a function logged.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LastError {
    /// When.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// What it said.
    pub message: String,
}

/// A load that the warehouse's ledger knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LastLoad {
    /// The hash of its manifest.
    pub load_id: String,
    /// When it was committed, UTC.
    pub finished_at: String,
    /// Rows of its files.
    pub rows_staged: i64,
    /// Rows that were new.
    pub rows_inserted: i64,
}
