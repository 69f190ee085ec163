//! Manual loads: the `stack load` command. Loads staged files that are not in the ledger, and compares lake, staging
//! and warehouse.
//!
//! The Lambda function `load` does the work with its own permissions and its own state, so a manual load is safe
//! while the queue also triggers loads. The result is read from the ledger.

mod aside;
mod census;
mod compare;
mod error;
pub(crate) mod objects;
mod remembered;
mod run;
mod unstaged;

pub use aside::{SetAside, holds_ids, newest_set_aside, set_aside, set_aside_since};
pub use census::{Census, Day, days};
pub use compare::{Comparison, compare};
pub use error::LoadError;
pub(crate) use objects::unzip;
pub use remembered::lake_is_gone;
pub use run::{Loaded, finish, load, refused_files};
pub use unstaged::{Unstaged, forget, known_unstaged};
