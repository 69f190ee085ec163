//! The minimal IAM permissions for deploying an environment: the actions of its resource types, on its own
//! names.
//!
//! `actions` has the actions that CloudFormation calls for each type, `deployer` those of the command line,
//! `scope` the ARNs of an environment; `policy` packs the statements into policy documents.

mod actions;
mod deployer;
mod policy;
mod scope;

pub use policy::{MAX_CHARACTERS, documents};
