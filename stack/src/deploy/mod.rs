//! Deploys environments.
//!
//! `target` prepares this machine or AWS; from there on, `run` is the same engine for both: `lake` and
//! `warehouse` in parallel, then the functions' zips (`build`, `prebuilt`, `asset`, `upload`) in parallel
//! with the migrations, then `pipeline`, then a probe event (`smoke`). `consent` asks before a plan is
//! executed. `diff` only compares. The crate `cloudformation` deploys each stack.

mod asset;
mod build;
mod consent;
mod diff;
mod elf;
mod error;
mod expiry;
mod function;
mod logging_role;
mod options;
mod plans;
mod prebuilt;
mod proof;
mod run;
mod smoke;
mod target;
mod upload;
mod values;

pub(crate) use build::{Cross, processor};
pub use consent::{Consent, refuse_losses};
pub use diff::{Compared, diff};
pub use error::DeployError;
pub use options::{DeployOptions, Deployed};
pub use prebuilt::prebuilt;
pub use run::deploy;
pub(crate) use target::start;
