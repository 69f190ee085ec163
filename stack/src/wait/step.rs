//! Whether to wait on, decided from counts alone.

use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;

/// Without any progress for this long a run is given up.
const PATIENCE: Duration = Duration::from_mins(2);

/// The stages that an accepted event has before it, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// Kinesis.
    Stream,
    /// Into DynamoDB and the raw lake.
    Store,
    /// Into staged CSV.
    Transform,
    /// Into the warehouse.
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

/// What one stage has done and has before it, in whatever it counts: each is compared with itself alone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flow {
    /// What it has done since it exists. Only grows.
    pub done: u64,
    /// What waits for it, being worked on included.
    pub waiting: u64,
}

/// What all stages have done and have before them, for all runs together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stages {
    /// Records put on the stream; none wait for it. Zero where they cannot be counted.
    pub stream: Flow,
    /// Envelopes, records or events that `store` took.
    pub store: Flow,
    /// Objects or events that `transform` took.
    pub transform: Flow,
    /// Files or rows that `load` took.
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

/// What was seen at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Observation {
    /// Events of this run in the warehouse.
    pub loaded: u64,
    /// Events of this run that were rejected behind the API.
    pub rejected: u64,
    /// All stages.
    pub stages: Stages,
}

/// A known cause that may keep the run from its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Obstacle {
    /// The cause, with its stage or process.
    pub reason: String,
    /// The next command or step.
    pub next: String,
    /// How long nothing may move beside it before the wait ends. Zero for a cause that does not pass by itself.
    pub grace: Duration,
}

/// One look: `None` for what could not be read or was not asked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Look {
    /// Events of this run in the warehouse.
    pub loaded: Option<u64>,
    /// Events of this run that were rejected behind the API.
    pub rejected: Option<u64>,
    /// All stages.
    pub stages: Option<Stages>,
    /// Known causes, the most serious first.
    pub obstacles: Vec<Obstacle>,
}

/// What to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Look again later.
    Wait,
    /// Every accepted event is loaded or rejected.
    Done,
    /// A known cause holds the run up.
    Blocked(Blocked),
    /// Nothing moved for 120 s, and no cause is known.
    Stalled(Stalled),
}

/// A run that a known cause holds up.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{reason}; {} of {} accepted events loaded and {} rejected; next: {next}; streaming again is safe",
    HumanCount(*.loaded),
    HumanCount(*.accepted),
    HumanCount(*.rejected)
)]
pub struct Blocked {
    /// The cause.
    pub reason: String,
    /// The next command or step.
    pub next: String,
    /// Events that the API accepted.
    pub accepted: u64,
    /// Those in the warehouse.
    pub loaded: u64,
    /// Those rejected behind the API.
    pub rejected: u64,
}

/// A run that stands still.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "stage {stage} stands still: nothing moved for {} s, {waiting} waiting for it, {} of {} accepted events \
     loaded and {} rejected; `stack status` shows its errors, and streaming again is safe",
    PATIENCE.as_secs(),
    HumanCount(*.loaded),
    HumanCount(*.accepted),
    HumanCount(*.rejected)
)]
pub struct Stalled {
    /// The first stage in the way.
    pub stage: Stage,
    /// What waits for it.
    pub waiting: u64,
    /// Events that the API accepted.
    pub accepted: u64,
    /// Those in the warehouse.
    pub loaded: u64,
    /// Those set aside.
    pub rejected: u64,
}

/// The wait for one run.
#[derive(Debug)]
pub struct Watch {
    accepted: u64,
    before: Stages,
    seen: Observation,
    moved: Duration,
}

impl Watch {
    /// A wait for `accepted` events. `before` is what the stages had done when the run began.
    #[must_use]
    pub fn new(accepted: u64, before: Stages) -> Self {
        Self {
            accepted,
            before,
            seen: Observation::default(),
            moved: Duration::ZERO,
        }
    }

    /// Decides at `clock`, the time since the wait began. What the look lacks stays as it was seen before.
    ///
    /// An event may be both loaded and rejected when it was streamed twice, so more than all is enough.
    pub fn step(&mut self, clock: Duration, look: &Look) -> Verdict {
        let seen = Observation {
            loaded: look.loaded.unwrap_or(self.seen.loaded),
            rejected: look.rejected.unwrap_or(self.seen.rejected),
            stages: look.stages.unwrap_or(self.seen.stages),
        };
        if seen != self.seen {
            self.seen = seen;
            self.moved = clock;
        }
        if seen.loaded + seen.rejected >= self.accepted {
            return Verdict::Done;
        }
        let quiet = clock.saturating_sub(self.moved);
        if let Some(obstacle) = look.obstacles.iter().find(|it| quiet >= it.grace) {
            return Verdict::Blocked(self.blocked(obstacle));
        }
        if quiet < PATIENCE {
            return Verdict::Wait;
        }
        let (stage, waiting) = self.in_the_way();
        Verdict::Stalled(Stalled {
            stage,
            waiting,
            accepted: self.accepted,
            loaded: self.seen.loaded,
            rejected: self.seen.rejected,
        })
    }

    /// Returns what was seen so far.
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

    /// The first stage for which something waits; else the first that did nothing in this run; else the last.
    fn in_the_way(&self) -> (Stage, u64) {
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
