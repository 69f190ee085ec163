//! Until every accepted event is in the warehouse, or was rejected on the way.

mod step;
mod watch;

pub use step::{
    Blocked, Flow, Look, Observation, Obstacle, Stage, Stages, Stalled, Verdict, Watch,
};
pub use watch::{Progress, ProgressError, Run, State, WaitError, wait};
