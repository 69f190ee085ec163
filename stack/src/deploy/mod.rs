//! Deploys environments.
//!
//! `target` prepares this machine or AWS; from there on, `run` is the same engine for both: `lake` and
//! `warehouse` in parallel, then the functions' zips (`build`, `prebuilt`, `asset`, `upload`) in parallel
//! with the migrations, then `pipeline`, then a probe event (`smoke`). `stack` deploys one CloudFormation
//! stack with a change set, `consent` asks before it is executed, `explain` and `failure` report errors.
//! `diff` only compares. `progress` and `event` show what happens.

mod asset;
mod build;
mod consent;
mod diff;
mod elf;
mod error;
mod event;
mod expiry;
mod explain;
mod failure;
mod function;
mod options;
mod prebuilt;
mod progress;
mod proof;
mod run;
mod smoke;
mod stack;
mod target;
mod upload;
mod values;

pub(crate) use build::{Cross, processor};
pub use consent::{Consent, refuse_losses};
pub use diff::{Compared, diff};
pub use error::DeployError;
pub use event::Event;
pub use failure::Failure;
pub use options::{DeployOptions, Deployed};
pub use prebuilt::prebuilt;
pub use progress::{Progress, Step};
pub use run::deploy;
pub use stack::{
    Action, Change, CloudFormation, DesiredStack, Difference, Plan, Prepared, Repairs,
    StackOutcome, Throttle, outputs_of,
};
pub(crate) use target::start;
