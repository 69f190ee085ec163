//! The server, driven by a real client that signs its requests, in front of a real PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a test's support fails the test"
)]

mod access;
mod corpus;
mod lists;
mod loads;
mod restart;
mod results;
mod semantics;
mod sessions;
mod statements;
#[allow(dead_code, reason = "tests of other crates use the rest")]
mod support;
mod unloads;
