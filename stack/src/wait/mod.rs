//! Waits until every accepted event is in the warehouse or rejected: `stack stream --wait`.
//!
//! `step` decides from counts alone whether to wait longer; `watch` reads the counts in a loop.

mod step;
mod watch;

pub use step::{
    Blocked, Flow, Observation, Obstacle, Reading, Stage, Stages, Stalled, Verdict, Watch,
};
pub use watch::{Progress, ProgressError, Run, State, WaitError, wait};
