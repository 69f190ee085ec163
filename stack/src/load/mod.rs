//! Manual loads: the `stack load` command. Loads staged files that are not in the ledger, and compares lake, staging
//! and warehouse.
//!
//! The Lambda function `load` does the work with its own permissions and its own state, so a manual load is safe
//! while the queue also triggers loads. The result is read from the ledger.

mod compare;
mod inventory;
mod lost_lake;
pub(crate) mod objects;
mod quarantine;
mod run;
mod unstaged;

pub use compare::{Comparison, compare};
pub use inventory::{Day, Inventory, days};
pub use lost_lake::lake_is_gone;
pub(crate) use objects::unzip;
pub use quarantine::{
    QuarantinedFile, holds_ids, newest_quarantined, quarantined, quarantined_since,
};
pub use run::{LoadError, Loaded, finish, load, refused_files};
pub use unstaged::{Unstaged, forget, known_unstaged};
