//! Tests of deploys against a scripted CloudFormation: failures, the messages that the user sees, and that the same
//! command continues afterwards.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall say where"
)]

mod account;
mod command;
mod deploying;
mod destroying;
mod killed;
mod many;
mod transcripts;
