//! Waits until every accepted event is in the warehouse, or was rejected by a later stage.

mod step;
mod watch;

pub use step::{Fault, Flow, Observation, Stage, Stages, Stalled, Verdict, Watch};
pub use watch::{Look, Progress, ProgressError, Wait, WaitError, Waited, wait};
