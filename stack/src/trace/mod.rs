//! Follows one event through the pipeline: `stack trace`.
//!
//! `find` asks the places in the order in which each answer narrows down the next: the warehouse row names the
//! envelope, the time and the load; the envelope names the item; the time names the hour of the raw lake; the object's
//! key names the shard and the sequence numbers of the stream. `path` builds the answer from what was found, and is
//! pure. A place that does not answer is unknown, which never counts as absent.

mod evidence;
mod explain;
mod find;
mod lake;
mod path;
mod rejection;
mod shop;
mod staging;
mod step;
mod stream;

pub use find::{Wanted, find};
pub use path::{Outcome, Trace};
pub use step::{Fact, Place, State, Step};
