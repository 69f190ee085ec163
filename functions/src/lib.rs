//! The Lambda functions. A stage consists of pure modules, which decide, and a `handler`, which does I/O through
//! [`ports`].
//!
//! [`aws`] implements the ports with the AWS SDK, [`memory`] implements them in memory for tests. `bin/*.rs` only wire
//! the parts together.

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
pub mod runtime;
pub mod settings;
pub mod store;
pub mod transform;

use settings::{Environment, SettingsError};

/// Reads the settings of a function to validate its environment variables.
pub type Validate = fn(&Environment) -> Result<(), SettingsError>;

/// Every function, by the name of its binary.
pub const SETTINGS: [(&str, Validate); 5] = [
    ("ingest", |it| ingest::Settings::read(it).map(drop)),
    ("store", |it| store::Settings::read(it).map(drop)),
    ("transform", |it| transform::Settings::read(it).map(drop)),
    ("load", |it| load::Settings::read(it).map(drop)),
    ("query", |it| query::Settings::read(it).map(drop)),
];
