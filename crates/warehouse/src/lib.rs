//! A client of Redshift's Data API for this platform's warehouse. It uses no other AWS service.
//!
//! [`Warehouse`] submits statements, waits for them, waits for statements that others submitted, and fetches
//! rows. [`migrations`] keep the schema up to date; [`load`] plans an exactly-once load and decides each of
//! its steps; [`login`] sets the analysts' password; [`answers`] has the queries about the content, [`check`] the rules for it.

pub mod answers;
pub mod api;
pub mod check;
mod digest;
mod error;
mod interrupt;
mod lines;
pub mod load;
pub mod login;
pub mod migrations;
mod rows;
mod sdk;
mod statement;
mod target;
mod timing;
mod warehouse;

#[cfg(test)]
mod scripted;

pub use error::WarehouseError;
pub use interrupt::Answer;
pub use lines::{LineLoad, LoadedLine};
pub use rows::{Cell, RowColumn, Rows};
pub use sdk::{RecentStatement, SdkDataApi};
pub use statement::{Failure, Outcome, StatementId, SubStatement, Submission, Token};
pub use target::{Authority, Target};
pub use templates::RenderError;
pub use warehouse::Warehouse;
