//! Brings an environment up.
//!
//! `ground` is where it runs, on this machine or on AWS; from there on, `run` is one engine for both: `lake` beside
//! `warehouse`, then the functions' zips (`build`, `prebuilt`, `asset`, `upload`) beside the migrations, then
//! `pipeline`, then an event that shows the way (`smoke`). `stack` deploys one CloudFormation stack through a change
//! set, `consent` asks before it is executed, `explain` and `failure` say what went wrong. `diff` only looks.
//! `progress` and `event` show what happens.

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
mod ground;
mod order;
mod prebuilt;
mod progress;
mod proof;
mod run;
mod smoke;
mod stack;
mod upload;
mod values;

pub(crate) use build::{Cross, processor};
pub use consent::{Consent, refuse_losses};
pub use diff::{Compared, diff};
pub use error::DeployError;
pub use event::Event;
pub use failure::Failure;
pub(crate) use ground::start;
pub use order::{Deployed, Order};
pub use prebuilt::prebuilt;
pub use progress::{Progress, Step};
pub use run::deploy;
pub use stack::{
    Action, Change, CloudFormation, Difference, Pace, Plan, Prepared, Repairs, StackOutcome, Wish,
    outputs_of,
};
