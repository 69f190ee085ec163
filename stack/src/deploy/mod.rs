//! Brings an environment up.
//!
//! `build` and `asset` turn functions into zips, `stack` deploys one CloudFormation stack through a
//! change set, `settle` decides what a stack's status means, `local` puts them in order.

mod asset;
mod build;
mod change_set;
mod elf;
mod error;
mod function;
mod local;
mod prebuilt;
mod progress;
mod settle;
mod stack;
mod upload;

pub use error::DeployError;
pub use local::{Deployed, deploy_local};
pub use prebuilt::prebuilt;
pub use progress::{Progress, Step};
pub use stack::{StackOutcome, outputs_of};
