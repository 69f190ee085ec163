//! Replay: staging, warehouse and, if wanted, the tables rebuilt from the raw lake.
//!
//! The deployed functions do the work. `transform` gets the raw objects as S3 would announce them, in groups that are
//! the same each time, so that its files have the same names and are put only if absent; `store` gets the lines of the
//! lake and puts the items that they were first; `load` loads what its ledger lacks. Each group that is done leaves a
//! marker in the staging bucket until the replay is done as a whole: one that was killed goes on behind them.

mod done;
mod envelopes;
mod error;
mod events;
mod plan;
mod run;

pub use error::ReplayError;
pub use plan::{Range, Time};
pub use run::{Plan, Replayed, plan, run};
