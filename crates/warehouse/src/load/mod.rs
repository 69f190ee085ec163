//! Loads: staged files are loaded into `retail.sales_line` exactly once.
//!
//! [`Load`] is a set of files, [`transaction`] its SQL, and [`decide`] returns the next step for each
//! observed result, all without I/O. The ledgers are read by methods of [`Warehouse`](crate::Warehouse).

mod decide;
mod ledger;
mod manifest;
mod plan;
mod words;

pub use decide::{
    Asked, Blame, Doubt, End, MANY_ATTEMPTS, MAX_ATTEMPTS, Memory, Progress, Seen, Step, Then, Try,
    Written, decide,
};
pub use ledger::{FileError, LoadRow};
pub use manifest::{Load, LoadId, MAX_FILES, StagedFile, StagedFileError, loads};
pub use plan::{Part, transaction};
