//! Replay: rebuilds staging, the warehouse and optionally the tables from the raw lake.
//!
//! The deployed functions do the work. `transform` receives the raw objects as if S3 had sent notifications, in groups
//! that are always the same, so its files have the same names and are put only if absent. `store` receives the lines
//! of the lake and puts the same items again. `load` loads the files that its ledger lacks. Each finished group leaves
//! a marker in the staging bucket until the whole replay is complete, so an interrupted replay resumes.

mod envelopes;
mod events;
mod finished_groups;
mod plan;
mod run;

pub use plan::{Range, Time};
pub use run::{Plan, ReplayError, Replayed, plan, run};
