//! The report itself: what `stack status --json` prints.

use std::collections::BTreeMap;

use local::Health;
use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::load::SetAside;
use crate::outputs::Outputs;

/// How an environment stands.
#[derive(Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub environment: String,
    /// `local` or `aws`.
    pub target: String,
    /// Whether every process answers, nothing is a dead letter and no stage stands still on an error.
    pub healthy: bool,
    /// The processes of a local environment.
    pub processes: Vec<Health>,
    /// The stages in the order in which an event passes them.
    pub stages: Vec<Stage>,
    /// The newest load; none before the first.
    pub last_load: Option<LastLoad>,
    /// The newest files that the warehouse refused, with its own reasons.
    pub set_aside: Vec<SetAside>,
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

/// How one stage stands.
#[derive(Debug, Serialize)]
pub struct Stage {
    /// Which one.
    pub name: StageName,
    /// What it has done. Objects are those of today and yesterday.
    pub counts: BTreeMap<&'static str, u64>,
    /// What waits for it: records of the stream, or messages of its queue. None where nothing can wait.
    pub backlog: Option<u64>,
    /// While something waits: seconds since the oldest record came (stream), or since the stage last
    /// finished something. 0 when nothing waits.
    pub lag_seconds: Option<f64>,
    /// Records that it refused, of the newest reject objects.
    pub rejects: u64,
    /// The newest error of its function's log in the last fifteen minutes.
    pub last_error: Option<LastError>,
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

impl Stage {
    pub(super) fn new(name: StageName) -> Self {
        Self {
            name,
            counts: BTreeMap::new(),
            backlog: None,
            lag_seconds: None,
            rejects: 0,
            last_error: None,
        }
    }

    pub(super) fn counting(mut self, what: &'static str, count: u64) -> Self {
        self.counts.insert(what, count);
        self
    }

    pub(super) fn rejecting(mut self, rejects: u64) -> Self {
        self.rejects = rejects;
        self
    }

    pub(super) fn with_error(mut self, error: Option<LastError>) -> Self {
        self.last_error = error;
        self
    }

    /// `since` is when the stage last finished something, or the oldest thing that waits came.
    pub(super) fn waiting(
        mut self,
        backlog: u64,
        since: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Self {
        let lag = since
            .filter(|_| backlog > 0)
            .map_or(0.0, |since| (now - since).as_seconds_f64());
        self.backlog = Some(backlog);
        self.lag_seconds = Some(lag.max(0.0));
        self
    }

    /// Whether something waits or was given up while the function's log holds an error.
    fn is_sick(&self) -> bool {
        let dead = self
            .counts
            .get("dead_letters")
            .is_some_and(|dead| *dead > 0);
        dead || (self.last_error.is_some() && self.backlog.is_some_and(|backlog| backlog > 0))
    }
}

impl Status {
    pub(super) fn new(
        outputs: &Outputs,
        processes: Vec<Health>,
        stages: Vec<Stage>,
        last_load: Option<LastLoad>,
        set_aside: Vec<SetAside>,
    ) -> Self {
        // The stream's backlog is the store's: the store's errors are what holds it up.
        let store_fails = stages
            .iter()
            .any(|stage| stage.name == StageName::Store && stage.last_error.is_some());
        let stream_waits = stages.iter().any(|stage| {
            stage.name == StageName::Stream && stage.backlog.is_some_and(|backlog| backlog > 0)
        });
        Self {
            environment: outputs.environment.clone(),
            target: outputs.target.clone(),
            healthy: processes.iter().all(|process| process.healthy)
                && !stages.iter().any(Stage::is_sick)
                && !(store_fails && stream_waits),
            processes,
            stages,
            last_load,
            set_aside,
        }
    }

    /// What waits anywhere.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.stages.iter().filter_map(|stage| stage.backlog).sum()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-01-02 12:00 UTC);

    fn error() -> LastError {
        LastError {
            at: NOON,
            message: "AccessDenied".to_owned(),
        }
    }

    #[test]
    fn a_stage_lags_only_while_something_waits() {
        let since = Some(datetime!(2026-01-02 11:59:30 UTC));
        assert_eq!(
            Stage::new(StageName::Load)
                .waiting(3, since, NOON)
                .lag_seconds,
            Some(30.0)
        );
        assert_eq!(
            Stage::new(StageName::Load)
                .waiting(0, since, NOON)
                .lag_seconds,
            Some(0.0)
        );
    }

    #[test]
    fn an_old_error_with_nothing_waiting_is_no_sickness_but_a_dead_letter_is() {
        let calm = Stage::new(StageName::Load)
            .waiting(0, None, NOON)
            .with_error(Some(error()));
        assert!(!calm.is_sick());
        assert!(
            Stage::new(StageName::Load)
                .waiting(1, None, NOON)
                .with_error(Some(error()))
                .is_sick()
        );
        assert!(
            Stage::new(StageName::Load)
                .counting("dead_letters", 1)
                .is_sick()
        );
    }
}
