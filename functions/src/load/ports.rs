//! Ports that only the loader needs.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;
use warehouse::check::Finding;
use warehouse::load::{FileError, LedgerState, Load, LoadId, LoadState, Written};
use warehouse::{Outcome, StatementId, Submission, WarehouseError};

use crate::ports::CallError;

/// A load that was started and is not known to be finished.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unfinished {
    pub id: LoadId,
    pub files: Vec<String>,
    /// Whether a statement was submitted for it.
    pub is_running: bool,
    /// When it was opened; `None` if an older version of the function wrote it.
    pub claimed_at: Option<OffsetDateTime>,
}

/// Remembers loads, so that a loader can resume those of another. Several loaders may write concurrently.
pub trait TrackLoads {
    /// Returns the state of a load, with a consistent read.
    fn read(
        &self,
        id: &LoadId,
    ) -> impl Future<Output = Result<Option<LoadState>, CallError>> + Send;

    /// Creates a load with attempt 1, its files and the time, unless it exists. For an existing load this returns
    /// [`Written::ByAnother`], even to the loader that claimed it.
    fn claim(
        &self,
        load: &Load,
        at: OffsetDateTime,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;

    /// Records the statement of an attempt, unless the load is at another attempt. Idempotent.
    fn record_statement(
        &self,
        id: &LoadId,
        attempt: u32,
        statement: &StatementId,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;

    /// Records that `attempt` has ended and the next one begins, unless the load is at another attempt. A second call
    /// returns [`Written::ByAnother`], so no attempt is skipped. A closed load is open again, since `at`.
    fn begin_next_attempt(
        &self,
        id: &LoadId,
        attempt: u32,
        at: OffsetDateTime,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;

    /// Records that every file of a load is in the ledger or in another claimed load. Idempotent; an unknown load is
    /// ignored.
    fn close(&self, id: &LoadId) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Returns the loads that are not closed.
    fn unfinished(&self) -> impl Future<Output = Result<Vec<Unfinished>, CallError>> + Send;
}

/// Moves files that the warehouse cannot load to quarantine.
pub trait QuarantineFiles {
    /// Records the file's key with the reason. A second call replaces the reason.
    fn quarantine(
        &self,
        id: &LoadId,
        key: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// Checks the data in the warehouse.
pub trait CheckData {
    /// Returns what each rule found. Changes nothing.
    fn check(
        &self,
        timeout: Duration,
    ) -> impl Future<Output = Result<Vec<Finding>, WarehouseError>> + Send;
}

/// Runs loads in the warehouse and reads its ledger. Each call has a time limit, after which it returns
/// [`WarehouseError::StillRunning`].
pub trait RunLoads {
    /// Submits an attempt. Idempotent for 8 hours: the attempt's token then gives the same statement.
    fn submit(
        &self,
        attempt: &Submission,
        timeout: Duration,
    ) -> impl Future<Output = Result<StatementId, WarehouseError>> + Send;

    /// Waits for a statement, whichever loader submitted it.
    fn wait(
        &self,
        statement: &StatementId,
        timeout: Duration,
    ) -> impl Future<Output = Result<Outcome, WarehouseError>> + Send;

    /// Returns what the ledger has of a load. Blocks while another load runs.
    fn ask(
        &self,
        load: &Load,
        timeout: Duration,
    ) -> impl Future<Output = Result<LedgerState, WarehouseError>> + Send;

    /// Returns those of `keys` that are in the ledger. Blocks while another load runs.
    fn loaded_files(
        &self,
        keys: &BTreeSet<String>,
        timeout: Duration,
    ) -> impl Future<Output = Result<BTreeSet<String>, WarehouseError>> + Send;

    /// Returns why COPY rejects rows of `load`. Checks the files again without loading them, or reads the errors
    /// recorded since `since`. Changes nothing.
    fn inspect(
        &self,
        load: &Load,
        copy_role_arn: &str,
        since: OffsetDateTime,
        timeout: Duration,
    ) -> impl Future<Output = Result<Vec<FileError>, WarehouseError>> + Send;
}
