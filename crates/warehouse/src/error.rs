//! What can go wrong with a statement.

use std::time::Duration;

use templates::RenderError;

use crate::api::ApiError;
use crate::statement::StatementId;

/// Why a statement gave no result. The warehouse's own words are part of the message: they have no cause.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// Its text could not be made.
    #[error("statement cannot be made")]
    Render(#[from] RenderError),
    /// It was not taken. Whether it runs is unknown unless a token is sent again.
    #[error("statement `{name}` was not taken")]
    Submit {
        /// Its name.
        name: String,
        /// Why.
        source: ApiError,
    },
    /// Its state could not be read.
    #[error("state of statement {id} cannot be read")]
    Describe {
        /// Its id.
        id: StatementId,
        /// Why.
        source: ApiError,
    },
    /// The call to cancel it failed.
    #[error(
        "statement {id} may still run: cancelling it failed\n  next: `aws redshift-data cancel-statement --id {id}`"
    )]
    Cancel {
        /// Its id.
        id: StatementId,
        /// Why.
        source: ApiError,
    },
    /// Its rows could not be read.
    #[error("rows of statement {id} cannot be read")]
    Fetch {
        /// Its id.
        id: StatementId,
        /// Why.
        source: ApiError,
    },
    /// The warehouse ended it.
    #[error("statement `{name}` failed at part {part} of {parts}: {message}")]
    Failed {
        /// Its name.
        name: String,
        /// The part that failed, from 1.
        part: usize,
        /// How many there are.
        parts: usize,
        /// The warehouse's own words.
        message: String,
    },
    /// Somebody ended it.
    #[error("statement `{name}` was cancelled")]
    Aborted {
        /// Its name.
        name: String,
    },
    /// The Data API forgot it, so whether it ran is unknown.
    #[error("statement `{name}` ({id}) is not known to the warehouse any more")]
    Lost {
        /// Its name.
        name: String,
        /// Its id.
        id: StatementId,
    },
    /// It still runs; its id can be waited for again.
    #[error("statement `{name}` ({id}) still runs after {} s", waited.as_secs())]
    StillRunning {
        /// Its name.
        name: String,
        /// Its id.
        id: StatementId,
        /// How long it was waited for.
        waited: Duration,
    },
    /// It returned other columns or types than it should.
    #[error("statement `{name}` returned no {missing}")]
    Shape {
        /// Its name.
        name: String,
        /// What was looked for.
        missing: &'static str,
    },
}
