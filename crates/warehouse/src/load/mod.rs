//! A load: staged files into `retail.sales_line`, exactly once.
//!
//! [`Load`] is what is loaded, [`transaction`] how, and [`decide`] what to do next after each thing that was
//! seen, all without I/O; what the warehouse itself remembers of loads is asked by methods of
//! [`Warehouse`](crate::Warehouse).

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
