//! Migrations: the schema as a numbered series of files, each applied once and in one transaction.
//!
//! Each transaction enters its own ledger row, so a migration is either applied and known, or neither.
//! What is released never changes: a file whose checksum is not the ledger's is refused by name.

mod check;
mod ledger;
mod runner;
mod split;

pub use check::CheckError;
pub use ledger::{LedgerError, checksum};
pub use runner::{Applied, MigrationContext, MigrationError, migrate};
