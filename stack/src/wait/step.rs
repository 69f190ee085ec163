//! Decides from counts alone whether to wait longer.

use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;

/// How long the wait continues without any progress and without a known cause.
const MAX_STALL: Duration = Duration::from_mins(2);

/// A stage that an accepted event passes, in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// Kinesis.
    Stream,
    /// Writes to DynamoDB and the raw lake.
    Store,
    /// Writes staged CSV.
    Transform,
    /// Loads into the warehouse.
    Load,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stream => "stream",
            Self::Store => "store",
            Self::Transform => "transform",
            Self::Load => "load",
        })
    }
}

/// Progress and backlog of one stage. The unit differs between stages, so only values of the same stage are compared.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flow {
    /// Number of items that it has finished, over all runs. Never decreases.
    pub done: u64,
    /// Number of items that wait for it or are in flight.
    pub waiting: u64,
}

/// Progress and backlog of all stages, for all runs together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stages {
    /// Records on the stream; none wait for it. Zero if they cannot be counted.
    pub stream: Flow,
    /// Envelopes, records or events of `store`.
    pub store: Flow,
    /// Objects or events of `transform`.
    pub transform: Flow,
    /// Files or rows of `load`.
    pub load: Flow,
}

impl Stages {
    fn in_order(&self) -> [(Stage, Flow); 4] {
        [
            (Stage::Stream, self.stream),
            (Stage::Store, self.store),
            (Stage::Transform, self.transform),
            (Stage::Load, self.load),
        ]
    }
}

/// The latest known counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Observation {
    /// Events of this run in the warehouse.
    pub loaded: u64,
    /// Events of this run that a stage after the API rejected.
    pub rejected: u64,
    pub stages: Stages,
}

/// A known problem that may prevent the run from finishing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Obstacle {
    /// The problem, with its stage or process.
    pub reason: String,
    /// The next command or step.
    pub next: String,
    /// How long the wait continues without progress while the problem exists. Zero for a problem that does not resolve
    /// itself.
    pub grace: Duration,
}

/// One reading of the counts. `None` for a count that could not be read, or was not read this time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reading {
    /// Events of this run in the warehouse.
    pub loaded: Option<u64>,
    /// Events of this run that a stage after the API rejected.
    pub rejected: Option<u64>,
    pub stages: Option<Stages>,
    /// Known problems, the most serious first.
    pub obstacles: Vec<Obstacle>,
}

/// The decision after a reading.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Wait and read again.
    Wait,
    /// Every accepted event is loaded or rejected.
    Done,
    /// A known problem prevents the run from finishing.
    Blocked(Blocked),
    /// There was no progress for 120 s, and no problem is known.
    Stalled(Stalled),
}

/// A run that a known problem prevents from finishing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{reason}; {} of {} accepted events are loaded, {} rejected; next: {next}; it is safe to stream the same content again",
    HumanCount(*.loaded),
    HumanCount(*.accepted),
    HumanCount(*.rejected)
)]
pub struct Blocked {
    pub reason: String,
    /// The next command or step.
    pub next: String,
    /// Events that the API accepted.
    pub accepted: u64,
    /// Accepted events in the warehouse.
    pub loaded: u64,
    /// Accepted events that a later stage rejected.
    pub rejected: u64,
}

/// A run without progress.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "stage {stage} made no progress for {} s: {waiting} items wait for it, {} of {} accepted events are loaded, {} \
     rejected; `stack status` shows its errors; it is safe to stream the same content again",
    MAX_STALL.as_secs(),
    HumanCount(*.loaded),
    HumanCount(*.accepted),
    HumanCount(*.rejected)
)]
pub struct Stalled {
    /// The first stage that makes no progress.
    pub stage: Stage,
    /// Number of items that wait for it.
    pub waiting: u64,
    /// Events that the API accepted.
    pub accepted: u64,
    /// Accepted events in the warehouse.
    pub loaded: u64,
    /// Accepted events that a later stage rejected.
    pub rejected: u64,
}

/// The wait for one run.
#[derive(Debug)]
pub struct Watch {
    accepted: u64,
    before: Stages,
    seen: Observation,
    /// Time of the last progress, since the wait began.
    progressed: Duration,
}

impl Watch {
    /// Returns a wait for `accepted` events. `before` has the counts of the stages when the run began.
    #[must_use]
    pub fn new(accepted: u64, before: Stages) -> Self {
        Self {
            accepted,
            before,
            seen: Observation::default(),
            progressed: Duration::ZERO,
        }
    }

    /// Decides at `clock`, the time since the wait began. A count that `reading` lacks keeps its last value.
    ///
    /// An event that was streamed twice may be both loaded and rejected, so the sum may exceed the accepted events.
    pub fn step(&mut self, clock: Duration, reading: &Reading) -> Verdict {
        let seen = Observation {
            loaded: reading.loaded.unwrap_or(self.seen.loaded),
            rejected: reading.rejected.unwrap_or(self.seen.rejected),
            stages: reading.stages.unwrap_or(self.seen.stages),
        };
        if seen != self.seen {
            self.seen = seen;
            self.progressed = clock;
        }
        if seen.loaded + seen.rejected >= self.accepted {
            return Verdict::Done;
        }
        let quiet = clock.saturating_sub(self.progressed);
        if let Some(obstacle) = reading.obstacles.iter().find(|it| quiet >= it.grace) {
            return Verdict::Blocked(self.blocked(obstacle));
        }
        if quiet < MAX_STALL {
            return Verdict::Wait;
        }
        let (stage, waiting) = self.bottleneck();
        Verdict::Stalled(Stalled {
            stage,
            waiting,
            accepted: self.accepted,
            loaded: self.seen.loaded,
            rejected: self.seen.rejected,
        })
    }

    /// Returns the latest known counts.
    #[must_use]
    pub fn seen(&self) -> Observation {
        self.seen
    }

    fn blocked(&self, obstacle: &Obstacle) -> Blocked {
        Blocked {
            reason: obstacle.reason.clone(),
            next: obstacle.next.clone(),
            accepted: self.accepted,
            loaded: self.seen.loaded,
            rejected: self.seen.rejected,
        }
    }

    /// Returns the first stage with a backlog, otherwise the first without progress in this run, otherwise the last.
    fn bottleneck(&self) -> (Stage, u64) {
        let now = self.seen.stages.in_order();
        let waiting = now.iter().find(|(_, flow)| flow.waiting > 0);
        let idle = now
            .iter()
            .zip(self.before.in_order())
            .filter(|((stage, now), _)| *stage != Stage::Stream || now.done > 0)
            .find(|((_, now), (_, before))| now.done <= before.done)
            .map(|(now, _)| now);
        let (stage, flow) = waiting.or(idle).unwrap_or(&now[3]);
        (*stage, flow.waiting)
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
