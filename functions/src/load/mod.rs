//! Stage 6: staged CSV → the warehouse, exactly once.
//!
//! `notification` reads what S3 says is new, `loader` turns files into loads and sees each to its end,
//! `isolate` and `quarantine` take the rows out that the warehouse refuses,
//! `driver` takes one load through the steps that [`warehouse::load::decide`] says, `handler` answers the
//! queue. What the loader has to remember is in table `load`, what is true is in the warehouse's ledger.

mod driver;
mod error;
mod handler;
mod isolate;
mod loader;
pub mod memory;
mod notification;
pub mod ports;
mod quarantine;
mod settings;
#[cfg(test)]
mod tests;

pub use error::LoadError;
pub use handler::{Answer, Event, Load};
pub use loader::{Loader, REJECTS, Report};
pub use settings::Settings;
