//! Tests of the server with a real client that signs its requests, and a real PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a failure of the test support is a failure of the test"
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
