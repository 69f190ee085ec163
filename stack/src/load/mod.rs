//! Loads at a person's word: what is staged and not in the ledger, and whether lake, staging and warehouse
//! hold the same events.
//!
//! The function `load` does the loading, with its own rights and memory, so that a load at a person's word
//! and one from the queue are safe beside each other. What became of the files the ledger says.

mod aside;
mod census;
mod compare;
mod error;
mod objects;
mod remembered;
mod run;

pub use aside::{SetAside, holds_ids, newest_set_aside, set_aside, set_aside_since};
pub use census::{Census, Day, days};
pub use compare::{Comparison, compare};
pub use error::LoadError;
pub(crate) use objects::unzip;
pub use remembered::lake_is_gone;
pub use run::{Loaded, finish, load, refused_files};
