//! Brings an environment up and takes it down.
//!
//! `build` and `asset` turn functions into zips, `stack` deploys one CloudFormation stack through a
//! change set, `settle` decides what a stack's status means, `local` and `teardown` put them in order.

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
mod teardown;
mod upload;

pub use error::DeployError;
pub use local::{Deployed, deploy_local};
pub use prebuilt::prebuilt;
pub use progress::{Progress, Step};
pub use stack::{StackOutcome, outputs_of};
pub use teardown::{Destroyed, destroy_local};
