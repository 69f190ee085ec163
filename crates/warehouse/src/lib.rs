//! The warehouse: Redshift through its Data API, with nothing else of AWS.
//!
//! [`Warehouse`] submits statements, waits for them, attaches to ones that run already and fetches rows.
//! [`migrations`] bring the schema up; [`load`] plans an exactly-once load and decides each of its steps;
//! [`login`] sets the analysts' password; [`answers`] asks what people and the platform want to know.

pub mod answers;
pub mod api;
mod digest;
mod error;
mod interrupt;
pub mod load;
pub mod login;
pub mod migrations;
mod pace;
mod rows;
mod sdk;
mod statement;
mod target;
mod warehouse;

#[cfg(test)]
mod twin;

pub use error::WarehouseError;
pub use interrupt::Answer;
pub use rows::{Cell, RowColumn, Rows};
pub use sdk::SdkDataApi;
pub use statement::{Failure, Outcome, StatementId, SubStatement, Submission, Token};
pub use target::{Authority, Target};
pub use templates::RenderError;
pub use warehouse::Warehouse;
