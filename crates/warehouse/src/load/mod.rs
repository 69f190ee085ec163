//! Loads: staged files are loaded into `retail.sales_line` exactly once.
//!
//! [`Load`] is a set of files, [`transaction`] its SQL, and [`decide`] returns the next step for each
//! observed result, all without I/O. The ledgers are read by methods of [`Warehouse`](crate::Warehouse).

mod classify;
mod decide;
mod ledger;
mod manifest;
mod plan;

pub use decide::{
    Attempt, CheckReason, End, Inspection, LedgerState, LoadState, MANY_ATTEMPTS, MAX_ATTEMPTS,
    Next, Observed, Progress, Step, Written, decide,
};
pub use ledger::{FileError, LoadRow};
pub use manifest::{Load, LoadId, MAX_FILES, StagedFile, StagedFileError, loads};
pub use plan::{Part, transaction};
