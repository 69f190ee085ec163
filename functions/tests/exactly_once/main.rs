//! Exactly-once loads on a real Data API server and PostgreSQL, with the loader's own permissions. Whatever is
//! repeated, run concurrently or killed, the totals are the same and the ledger explains them.

#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    reason = "what fails in a test's support fails the test"
)]

mod ages;
mod columns;
mod comments;
mod disasters;
mod every_value;
mod files;
mod repeating;
mod rig;
mod rights;
#[path = "../../../crates/redshift-local/tests/server/support/mod.rs"]
#[allow(dead_code, reason = "the tests of the server use all of it")]
mod support;
