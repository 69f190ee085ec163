//! What loading needs of the world, beside the ports of all functions.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;
use warehouse::load::{FileError, LedgerState, Load, LoadId, LoadState, Written};
use warehouse::{Outcome, StatementId, Submission, WarehouseError};

use crate::ports::CallError;

/// A load that somebody began and nobody is known to have ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unfinished {
    /// The load.
    pub id: LoadId,
    /// Keys of its files.
    pub files: Vec<String>,
    /// Whether it has a statement.
    pub is_running: bool,
    /// Since when it is open; `None` when an older function wrote it.
    pub claimed_at: Option<OffsetDateTime>,
}

/// Remembers loads, so that a loader finds what another began. Several may write at once.
pub trait RememberLoads {
    /// What is known of a load, as of the last write.
    fn recall(
        &self,
        id: &LoadId,
    ) -> impl Future<Output = Result<Option<LoadState>, CallError>> + Send;

    /// Writes attempt 1 of a load, its files and when that was, unless the load is there. Claimed again it is
    /// [`Written::ByAnother`], also by the one who claimed it.
    fn claim(
        &self,
        load: &Load,
        at: OffsetDateTime,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;

    /// Writes which statement an attempt is, unless the load is at another attempt. Noted again it
    /// changes nothing.
    fn note(
        &self,
        id: &LoadId,
        attempt: u32,
        statement: &StatementId,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;

    /// Writes that `attempt` is over and the next one begins, unless the load is at another attempt.
    /// Raised again it is [`Written::ByAnother`]: no attempt is left out. One that was closed is open since `at`.
    fn raise(
        &self,
        id: &LoadId,
        attempt: u32,
        at: OffsetDateTime,
    ) -> impl Future<Output = Result<Written, CallError>> + Send;

    /// Writes that the ledger, or another load that is claimed, has every file of a load. Closed again it
    /// changes nothing, nor does it when the load is not there.
    fn close(&self, id: &LoadId) -> impl Future<Output = Result<(), CallError>> + Send;

    /// The loads that are not closed.
    fn unfinished(&self) -> impl Future<Output = Result<Vec<Unfinished>, CallError>> + Send;
}

/// Sets files aside that the warehouse cannot load as they are.
pub trait SetFilesAside {
    /// Keeps the file's key with the warehouse's reason. Set aside again it has the newer reason.
    fn set_aside(
        &self,
        id: &LoadId,
        key: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// Runs loads in the warehouse and asks its ledger, each call within a limit of time: what has no answer
/// by then is [`WarehouseError::StillRunning`].
pub trait RunLoads {
    /// Submits an attempt. Submitted again within 8 hours it is the same statement, by its token.
    fn submit(
        &self,
        attempt: &Submission,
        patience: Duration,
    ) -> impl Future<Output = Result<StatementId, WarehouseError>> + Send;

    /// Waits for a statement, whoever submitted it.
    fn wait(
        &self,
        statement: &StatementId,
        patience: Duration,
    ) -> impl Future<Output = Result<Outcome, WarehouseError>> + Send;

    /// What the ledger says of a load. Waits for a load that runs.
    fn ask(
        &self,
        load: &Load,
        patience: Duration,
    ) -> impl Future<Output = Result<LedgerState, WarehouseError>> + Send;

    /// Those of `keys` that the ledger has. Waits for a load that runs.
    fn loaded_files(
        &self,
        keys: &BTreeSet<String>,
        patience: Duration,
    ) -> impl Future<Output = Result<BTreeSet<String>, WarehouseError>> + Send;

    /// Why COPY refuses rows of `load`, for whose files it looks again without loading them, or refused them since
    /// `since`. Changes nothing.
    fn inspect(
        &self,
        load: &Load,
        copy_role_arn: &str,
        since: OffsetDateTime,
        patience: Duration,
    ) -> impl Future<Output = Result<Vec<FileError>, WarehouseError>> + Send;
}
