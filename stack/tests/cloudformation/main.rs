//! Deploys against a scripted CloudFormation: what goes wrong, what a person sees of it, and that the same command goes on.

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
