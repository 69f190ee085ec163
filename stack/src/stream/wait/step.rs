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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flow(done: u64, waiting: u64) -> Flow {
        Flow { done, waiting }
    }

    fn seen(loaded: u64, stages: [Flow; 4]) -> Look {
        let [stream, store, transform, load] = stages;
        let stages = Stages {
            stream,
            store,
            transform,
            load,
        };
        Look {
            loaded: Some(loaded),
            rejected: Some(0),
            stages: Some(stages),
            obstacles: Vec::new(),
        }
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn stalled(before: Stages, last: [Flow; 4]) -> Stalled {
        let mut watch = Watch::new(100, before);
        assert_eq!(watch.step(at(0), &seen(40, last)), Verdict::Wait);
        match watch.step(at(120), &seen(40, last)) {
            Verdict::Stalled(stalled) => stalled,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_done_when_loaded_and_rejected_are_all_accepted() {
        let mut watch = Watch::new(100, Stages::default());
        let most = Look {
            loaded: Some(90),
            rejected: Some(9),
            ..Look::default()
        };
        assert_eq!(watch.step(at(1), &most), Verdict::Wait);
        let all = Look {
            rejected: Some(10),
            ..Look::default()
        };
        assert_eq!(watch.step(at(2), &all), Verdict::Done);
        assert_eq!(
            Watch::new(0, Stages::default()).step(at(0), &most),
            Verdict::Done
        );
    }

    #[test]
    fn any_movement_anywhere_gives_two_more_minutes() {
        let mut watch = Watch::new(100, Stages::default());
        let moves = [
            seen(0, [flow(0, 0), flow(0, 5), flow(0, 0), flow(0, 0)]),
            seen(0, [flow(0, 0), flow(0, 4), flow(0, 0), flow(0, 0)]),
            seen(0, [flow(0, 0), flow(1, 4), flow(0, 0), flow(0, 0)]),
            seen(1, [flow(0, 0), flow(1, 4), flow(0, 0), flow(0, 0)]),
        ];
        for (seconds, seen) in (0..).step_by(119).zip(&moves) {
            assert_eq!(watch.step(at(seconds), seen), Verdict::Wait);
        }
        assert_eq!(watch.step(at(476), &moves[3]), Verdict::Wait);
        assert!(matches!(
            watch.step(at(477), &moves[3]),
            Verdict::Stalled(_)
        ));
    }

    #[test]
    fn the_first_stage_for_which_something_waits_stands_still() {
        let all = Stages::default();
        let store = stalled(all, [flow(9, 0), flow(2, 7), flow(2, 0), flow(2, 1)]);
        assert_eq!((store.stage, store.waiting), (Stage::Store, 7));
        let load = stalled(all, [flow(9, 0), flow(9, 0), flow(9, 0), flow(2, 3)]);
        assert_eq!((load.stage, load.waiting), (Stage::Load, 3));
    }

    #[test]
    fn when_nothing_waits_the_first_stage_that_did_nothing_stands_still() {
        let [stream, store, transform, load] = [flow(5, 0), flow(5, 0), flow(5, 0), flow(5, 0)];
        let before = Stages {
            stream,
            store,
            transform,
            load,
        };
        let idle = |done: [u64; 4]| stalled(before, done.map(|done| flow(done, 0))).stage;
        assert_eq!(idle([5, 5, 5, 5]), Stage::Stream);
        assert_eq!(idle([9, 5, 5, 5]), Stage::Store);
        assert_eq!(idle([9, 9, 5, 5]), Stage::Transform);
        assert_eq!(idle([9, 9, 9, 5]), Stage::Load);
        assert_eq!(idle([9, 9, 9, 9]), Stage::Load);
        assert_eq!(
            idle([0, 5, 5, 5]),
            Stage::Store,
            "the stream is not counted"
        );
    }

    #[test]
    fn the_message_names_the_stage_and_what_is_missing() {
        let stalled = stalled(
            Stages::default(),
            [flow(9, 0), flow(9, 0), flow(8, 2), flow(8, 0)],
        );
        insta::assert_snapshot!(stalled, @"stage transform stands still: nothing moved for 120 s, 2 waiting for it, 40 of 100 accepted events loaded and 0 rejected; `stack status` shows its errors, and streaming again is safe");
    }

    #[test]
    fn not_seeing_anything_is_no_progress() {
        let mut watch = Watch::new(1, Stages::default());
        assert_eq!(watch.step(at(119), &Look::default()), Verdict::Wait);
        let verdict = watch.step(at(120), &Look::default());
        assert!(matches!(verdict, Verdict::Stalled(_)));
    }

    fn obstructed(loaded: u64, grace: u64) -> Look {
        Look {
            loaded: Some(loaded),
            obstacles: vec![Obstacle {
                reason: "supervisor is unresponsive: it ended".to_owned(),
                next: "`stack start`".to_owned(),
                grace: at(grace),
            }],
            ..Look::default()
        }
    }

    #[test]
    fn a_cause_that_does_not_pass_ends_the_wait_at_once_unless_all_is_loaded() {
        let mut watch = Watch::new(100, Stages::default());
        let Verdict::Blocked(blocked) = watch.step(at(1), &obstructed(40, 0)) else {
            panic!("it waits");
        };
        insta::assert_snapshot!(blocked, @"supervisor is unresponsive: it ended; 40 of 100 accepted events loaded and 0 rejected; next: `stack start`; streaming again is safe");
        let mut watch = Watch::new(100, Stages::default());
        assert_eq!(watch.step(at(1), &obstructed(100, 0)), Verdict::Done);
    }

    #[test]
    fn a_cause_that_may_pass_ends_the_wait_when_nothing_moves_beside_it() {
        let mut watch = Watch::new(100, Stages::default());
        assert_eq!(watch.step(at(0), &obstructed(40, 10)), Verdict::Wait);
        assert_eq!(watch.step(at(9), &obstructed(41, 10)), Verdict::Wait);
        assert_eq!(watch.step(at(18), &obstructed(41, 10)), Verdict::Wait);
        assert_eq!(
            watch.step(at(30), &seen(41, [Flow::default(); 4])),
            Verdict::Wait
        );
        let verdict = watch.step(at(31), &obstructed(41, 10));
        assert!(matches!(verdict, Verdict::Blocked(_)));
    }

    proptest! {
        #[test]
        fn a_wait_ends_and_never_before_its_time(
            loaded in prop::collection::vec(0_u64..4, 1..60),
            step in 1_u64..200,
        ) {
            let mut watch = Watch::new(3, Stages::default());
            let mut quiet = 0;
            let mut last = 0;
            for (count, loaded) in (1..).zip(loaded) {
                let seen = seen(loaded, [Flow::default(); 4]);
                let verdict = watch.step(at(count * step), &seen);
                quiet = if loaded == last { quiet + step } else { 0 };
                last = loaded;
                if loaded >= 3 {
                    prop_assert_eq!(verdict, Verdict::Done);
                    break;
                }
                prop_assert_eq!(matches!(verdict, Verdict::Stalled(_)), quiet >= 120);
            }
        }
    }
}
