//! The operations of the Data API that this crate uses, as a trait that tests can implement.

use std::time::Duration;

use crate::rows::{Cell, RowColumn};
use crate::statement::{Description, StatementId, Submission};

pub use crate::statement::Status;

/// The kind of a failed call, which decides how to go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// A transient failure: throttled, no connection, timed out, or an internal error of the service. The
    /// same call may succeed later.
    Transient,
    /// Too many calls are waiting at the same time: describe the statement without waiting.
    TooManyWaiting,
    /// The statement or its result does not exist, or no longer.
    NotFound,
    /// Access to the statement is denied. This also happens after the role that submitted it was recreated.
    Denied,
    /// Any other failure: the same call would fail again.
    Refused,
}

/// A failed call of the Data API.
#[derive(Debug, thiserror::Error)]
#[error("redshift-data {action}: {code}: {message}")]
pub struct ApiError {
    /// The IAM name of the action, such as `DescribeStatement`.
    pub action: &'static str,
    pub fault: Fault,
    /// The error code of the service.
    pub code: String,
    /// The error message of the service.
    pub message: String,
}

/// A page of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub columns: Vec<RowColumn>,
    pub rows: Vec<Vec<Cell>>,
    /// The token of the next page; `None` for the last page.
    pub next: Option<String>,
}

/// The Data API.
pub trait DataApi: Sync {
    /// Submits one statement, or several as one transaction.
    ///
    /// With a token, repeating the submission within 8 hours returns the id of the first one.
    fn submit(
        &self,
        submission: &Submission,
    ) -> impl Future<Output = Result<StatementId, ApiError>> + Send;

    /// Describes a statement, after waiting up to `wait` (at most 30 s, in whole seconds) for it to end.
    fn describe(
        &self,
        id: &StatementId,
        wait: Duration,
    ) -> impl Future<Output = Result<Description, ApiError>> + Send;

    /// Returns the page of rows at token `next`; the first page if `next` is `None`.
    fn page(
        &self,
        id: &StatementId,
        next: Option<&str>,
    ) -> impl Future<Output = Result<Page, ApiError>> + Send;

    /// Cancels a statement. Returns `false` if it has already ended.
    ///
    /// Idempotent. The statement may continue for a moment, or finish before it is cancelled.
    fn cancel(&self, id: &StatementId) -> impl Future<Output = Result<bool, ApiError>> + Send;
}
