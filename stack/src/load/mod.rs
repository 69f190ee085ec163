//! Loads at a person's word: what is staged and not in the ledger, and whether lake, staging and warehouse
//! hold the same events.
//!
//! The function `load` does the loading, with its own rights and memory, so that a load at a person's word
//! and one from the queue are safe beside each other. What became of the files the ledger says.

mod aside;
mod census;
mod compare;
mod error;
pub(crate) mod objects;
mod remembered;
mod run;
mod unstaged;

pub use aside::{SetAside, set_aside, still_there};
pub use census::{Census, Day, days};
pub use compare::{Comparison, compare};
pub use error::LoadError;
pub use remembered::lake_is_gone;
pub use run::{Loaded, finish, load};
pub use unstaged::{Unstaged, forget, known_unstaged};
