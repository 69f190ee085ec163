//! Errors of statements.

use std::time::Duration;

use templates::RenderError;

use crate::api::ApiError;
use crate::statement::StatementId;

/// Why a statement returned no result. The message contains the warehouse's own error text, which has no
/// error source.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// The SQL could not be rendered.
    #[error("SQL statement cannot be rendered")]
    Render(#[from] RenderError),
    /// The submission failed. Whether the statement runs is unknown, unless the submission is repeated with
    /// its token.
    #[error("statement `{name}` could not be submitted")]
    Submit { name: String, source: ApiError },
    /// Its state could not be read.
    #[error("cannot read the state of statement {id}")]
    Describe { id: StatementId, source: ApiError },
    /// The call that cancels it failed.
    #[error(
        "statement {id} may still run: cancelling it failed\n  next: `aws redshift-data cancel-statement --id {id}`"
    )]
    Cancel { id: StatementId, source: ApiError },
    /// Its rows could not be read.
    #[error("cannot read the rows of statement {id}")]
    Fetch { id: StatementId, source: ApiError },
    /// The statement failed in the warehouse and was rolled back.
    #[error("statement `{name}` failed in part {part} of {parts}: {message}")]
    Failed {
        name: String,
        /// The number of the failed part, from 1.
        part: usize,
        /// The number of parts.
        parts: usize,
        /// The warehouse's error text.
        message: String,
    },
    /// The statement was cancelled by someone else.
    #[error("statement `{name}` was cancelled")]
    Aborted { name: String },
    /// The Data API no longer knows the statement, so whether it ran is unknown.
    #[error(
        "statement `{name}` ({id}) is no longer known to the Data API, so its result is unknown"
    )]
    Lost { name: String, id: StatementId },
    /// The statement is still running; it can be waited for again by its id.
    #[error("statement `{name}` ({id}) is still running after {} s", waited.as_secs())]
    StillRunning {
        name: String,
        id: StatementId,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The result has other columns or types than expected.
    #[error("result of statement `{name}` has no {missing}")]
    Shape {
        name: String,
        /// What the result lacks.
        missing: &'static str,
    },
}
