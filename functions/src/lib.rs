//! The Lambda functions. Each stage is pure files that decide and a `handler` that acts through [`ports`].
//!
//! [`memory`] holds the ports' twins for tests, [`aws`] their real side, `bin/*.rs` only wire.

pub mod answer;
pub mod aws;
pub mod backoff;
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
pub mod runtime;
pub mod settings;
pub mod store;
pub mod transform;
