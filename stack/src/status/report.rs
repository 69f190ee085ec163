//! The report that `stack status --json` prints.

use std::collections::BTreeMap;

use local::Health;
use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::Newest;
use super::latency::Latency;
use super::problem::{Problem, Unknown};
use crate::load::QuarantinedFile;

/// Health of an environment.
#[derive(Debug, Serialize)]
pub struct Status {
    pub environment: String,
    /// `local` or `aws`.
    pub target: String,
    /// Time of the report.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// Whether there is no problem and nothing is unknown.
    pub healthy: bool,
    pub problems: Vec<Problem>,
    pub unknown: Vec<Unknown>,
    /// Processes of a local environment; on AWS, the warehouse and its Data API.
    pub processes: Vec<Health>,
    /// Stages in the order in which an event passes them.
    pub stages: Vec<Stage>,
    /// Newest load. `None` before the first load, or when it is unknown.
    pub last_load: Option<LastLoad>,
    /// Latency from the request to the warehouse, of the newest loads. `None` without new rows, or when it is unknown.
    pub event_to_warehouse: Option<Latency>,
    /// Newest files in quarantine, with the warehouse's reasons.
    #[serde(rename = "set_aside")]
    pub quarantined: Vec<QuarantinedFile>,
    /// The newest objects, for measuring rates.
    #[serde(skip)]
    pub newest: Newest,
}

/// A stage of the pipeline, or the read API.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// From HTTP to the stream.
    Ingest,
    /// Kinesis.
    Stream,
    /// From the stream to the tables and the raw lake.
    Store,
    /// From the raw lake to CSV.
    Transform,
    /// From CSV to the warehouse.
    Load,
    /// The shop's read API.
    Query,
}

impl StageName {
    /// Returns the stage's name, as in folders and log groups.
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

/// Health of a stage.
#[derive(Debug, Serialize)]
pub struct Stage {
    pub name: StageName,
    /// Counters of the stage. Objects are those of today and yesterday.
    pub counts: BTreeMap<&'static str, u64>,
    /// Records of the stream, or messages of the stage's queue, that wait. `None` when nothing can wait, or when it
    /// is unknown.
    pub backlog: Option<u64>,
    /// Age in seconds of the oldest waiting item; 0 when nothing waits.
    pub lag_seconds: Option<f64>,
    /// Rejects that are not acknowledged. `None` when unknown.
    pub rejects: Option<u64>,
    /// Newest error in the function's log in the last 15 minutes.
    pub last_error: Option<LastError>,
    /// With `--watch`: events per second since the previous report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_per_second: Option<f64>,
}

/// An error that a function logged.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LastError {
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    pub message: String,
}

/// A load in the warehouse's ledger.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LastLoad {
    /// Hash of the load's manifest.
    pub load_id: String,
    /// Commit time, UTC.
    pub finished_at: String,
    /// Number of rows in the load's files.
    pub rows_staged: i64,
    /// Number of rows that were new.
    pub rows_inserted: i64,
}
