//! What the warehouse needs of the Data API, so that a test can stand in for it.

use std::time::Duration;

use crate::rows::{Cell, RowColumn};
use crate::statement::{Description, StatementId, Submission};

pub use crate::statement::Status;

/// What went wrong in a call of the Data API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Throttled, no connection, timed out or broken inside: the same call may do next time.
    Passing,
    /// Too many calls wait at once: ask without waiting.
    TooManyWaiting,
    /// The statement, or its result, is not known there.
    NotFound,
    /// It is not for this identity: its role may have been made anew since.
    Denied,
    /// Anything else: the same call will fail again.
    Refused,
}

/// Why a call of the Data API failed.
#[derive(Debug, thiserror::Error)]
#[error("redshift-data {action}: {code}: {message}")]
pub struct ApiError {
    /// As IAM calls the action, such as `DescribeStatement`.
    pub action: &'static str,
    /// What kind of failure it is.
    pub fault: Fault,
    /// The service's word for it.
    pub code: String,
    /// The service's sentence on it.
    pub message: String,
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What the columns are.
    pub columns: Vec<RowColumn>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Where the next page starts; `None` when this was the last.
    pub next: Option<String>,
}

/// The calls.
pub trait DataApi: Sync {
    /// Submits one statement, or several as one transaction.
    ///
    /// With a token, the same submission within 8 hours answers with the first one's id.
    fn submit(
        &self,
        submission: &Submission,
    ) -> impl Future<Output = Result<StatementId, ApiError>> + Send;

    /// Describes a statement, waiting up to `wait` (at most 30 s, whole seconds) for it to end.
    fn describe(
        &self,
        id: &StatementId,
        wait: Duration,
    ) -> impl Future<Output = Result<Description, ApiError>> + Send;

    /// The page of rows at `next`, the first without one.
    fn page(
        &self,
        id: &StatementId,
        next: Option<&str>,
    ) -> impl Future<Output = Result<Page, ApiError>> + Send;

    /// Asks the warehouse to end a statement; false when the statement had ended already.
    ///
    /// Asking again changes nothing. The statement may run on for a moment, or finish first.
    fn cancel(&self, id: &StatementId) -> impl Future<Output = Result<bool, ApiError>> + Send;
}
