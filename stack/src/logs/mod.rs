//! Logs of the functions and the API of an environment, merged by time.
//!
//! `merge` orders the events of several groups and drops duplicates, `read` calls CloudWatch Logs.

mod merge;
mod read;

pub use merge::{Line, Merge};
pub use read::{LogSource, Logs};
