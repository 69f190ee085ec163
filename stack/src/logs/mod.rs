//! What an environment's functions and its API log, merged by time.
//!
//! `merge` puts events of many groups in order and drops those that were seen, `read` asks CloudWatch Logs.

mod merge;
mod read;

pub use merge::{Line, Merge};
pub use read::{LogSource, Logs};
