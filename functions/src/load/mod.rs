//! Stage 6: staged CSV → the warehouse, exactly once.
//!
//! `staged` is what an S3 notification names, `loader` groups files into loads and completes each of them, `isolate` and
//! `quarantine` take out the rows that the warehouse rejects, `driver` executes the steps that
//! [`warehouse::load::decide`] returns, `check` checks the rules for the data, `handler` answers the queue. Table `load` has the loader's progress; the
//! warehouse's ledger is the source of truth.

mod check;
mod csv_rows;
mod driver;
mod error;
mod handler;
mod isolate;
mod loader;
pub mod memory;
pub mod ports;
mod quarantine;
mod settings;
mod staged;
#[cfg(test)]
mod tests;

pub use error::LoadError;
pub use handler::{Answer, Event, Load};
pub use loader::{Loader, REJECTS, Report};
pub use settings::Settings;
