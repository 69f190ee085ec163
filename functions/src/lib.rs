//! The Lambda functions. A stage consists of pure modules, which decide, and a `handler`, which does I/O through
//! [`ports`].
//!
//! [`aws`] implements the ports with the AWS SDK, [`memory`] implements them in memory for tests. [`serve`] wires the parts
//! of each function together, for `bin/*.rs`.

#![recursion_limit = "256"]

pub mod answer;
pub mod aws;
pub mod gzip;
pub mod ingest;
pub mod items;
pub mod load;
pub mod logs;
pub mod memory;
pub mod metrics;
mod notification;
pub mod ports;
pub mod query;
pub mod rejects;
mod retries;
pub mod serve;
pub mod settings;
pub mod store;
pub mod transform;
