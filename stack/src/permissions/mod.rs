//! The least that whoever deploys an environment must be allowed: what its resource types take, on its own names.
//!
//! `actions` knows what CloudFormation calls for each type, `deployer` what the command line calls itself, `scope` the
//! ARNs of an environment, `policy` packs statements into documents that IAM takes.

mod actions;
mod deployer;
mod policy;
mod scope;

pub use policy::{MAX_CHARACTERS, documents};
