//! Loads on a real Data API server and a real PostgreSQL, with the loader's own rights: whatever is repeated,
//! done twice at once or killed on the way, the totals are the same and the ledger explains them.

#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    reason = "what fails in a test's support fails the test"
)]

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
