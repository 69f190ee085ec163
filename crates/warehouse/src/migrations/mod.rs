//! Migrations: numbered SQL files for the schema, each applied once and in one transaction.
//!
//! Each transaction inserts its own ledger row, so a migration is either applied and recorded, or neither.
//! Released migrations never change: a file whose checksum differs from the ledger's is refused by name.

mod check;
mod ledger;
mod runner;
mod split;

pub use check::CheckError;
pub use ledger::{LedgerError, checksum};
pub use runner::{Applied, MigrationContext, MigrationError, migrate};
