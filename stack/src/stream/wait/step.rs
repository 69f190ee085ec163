//! Decides from counts alone whether to continue waiting.

use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;

/// A process that restarts answers within this time. A fault that lasts longer is permanent.
const FAULT_PATIENCE: Duration = Duration::from_secs(10);

/// Stages that an accepted event passes, in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// Kinesis.
    Stream,
    /// To DynamoDB and the raw lake.
    Store,
    /// To staged CSV.
    Transform,
    /// To the warehouse.
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

/// Progress of one stage. Stages may count different units, so a flow is only compared with earlier values of the
/// same stage.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flow {
    /// Total that the stage has processed. It only grows.
    pub done: u64,
    /// What waits for the stage, including what is in flight.
    pub waiting: u64,
}

/// Progress of all stages, for all runs together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stages {
    /// Records put on the stream. Nothing waits for it. Zero where records cannot be counted.
    pub stream: Flow,
    /// Envelopes, records or events that `store` processed.
    pub store: Flow,
    /// Objects or events that `transform` processed.
    pub transform: Flow,
    /// Files or rows that `load` processed.
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

/// An observation at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Observation {
    /// Events of this run in the warehouse.
    pub loaded: u64,
    /// Events of this run that a stage after the API rejected.
    pub rejected: u64,
    pub stages: Stages,
}

/// A cause that keeps events from arriving and does not pass by waiting: a dead process, a missing resource, or a
/// file in quarantine.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{stage}: {reason}\n  next: {next}; streaming again is safe")]
pub struct Fault {
    /// Stage or process with the fault.
    pub stage: String,
    pub reason: String,
    /// Next command or step.
    pub next: String,
}

/// What to do after an observation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Observe again later.
    Wait,
    /// Every accepted event is loaded or rejected.
    Done,
    /// There was no progress for too long.
    Stalled(Stalled),
    /// A fault is permanent.
    Broken(Fault),
}

/// A run without progress.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "stage {stage} stands still: nothing moved for {} s, {waiting} waiting for it, {} of {} accepted events \
     loaded and {} rejected; `stack status` shows its errors, and streaming again is safe",
    .patience.as_secs(),
    HumanCount(*.loaded),
    HumanCount(*.accepted),
    HumanCount(*.rejected)
)]
pub struct Stalled {
    /// First stage that makes no progress.
    pub stage: Stage,
    /// Time without progress.
    pub patience: Duration,
    /// What waits for the stage.
    pub waiting: u64,
    /// Events that the API accepted.
    pub accepted: u64,
    /// Events in the warehouse.
    pub loaded: u64,
    /// Events that a stage after the API rejected.
    pub rejected: u64,
}

/// State of the wait for one run.
#[derive(Debug)]
pub struct Watch {
    accepted: u64,
    before: Stages,
    patience: Duration,
    seen: Observation,
    moved: Duration,
    fault: Option<(Fault, Duration)>,
}

impl Watch {
    /// Starts a wait for `accepted` events, which ends after `patience` without progress. `before` is the progress of
    /// the stages when the run began.
    #[must_use]
    pub fn new(accepted: u64, before: Stages, patience: Duration) -> Self {
        Self {
            accepted,
            before,
            patience,
            seen: Observation::default(),
            moved: Duration::ZERO,
            fault: None,
        }
    }

    /// Decides at `clock`, the time since the wait began. `seen` is the current observation, or `None` if it failed;
    /// `fault` is the first fault that did not exist before the run.
    ///
    /// An event that was streamed twice may be both loaded and rejected, so the sum may exceed the accepted events.
    pub fn step(
        &mut self,
        clock: Duration,
        seen: Option<Observation>,
        fault: Option<&Fault>,
    ) -> Verdict {
        if let Some(seen) = seen {
            if seen.loaded + seen.rejected >= self.accepted {
                return Verdict::Done;
            }
            if seen != self.seen {
                self.seen = seen;
                self.moved = clock;
            }
        }
        if let Some(fault) = self.lasting(clock, fault) {
            return Verdict::Broken(fault);
        }
        if clock.saturating_sub(self.moved) < self.patience {
            return Verdict::Wait;
        }
        let (stage, waiting) = self.in_the_way();
        Verdict::Stalled(Stalled {
            stage,
            patience: self.patience,
            waiting,
            accepted: self.accepted,
            loaded: self.seen.loaded,
            rejected: self.seen.rejected,
        })
    }

    /// Returns the fault if its stage has had a fault for [`FAULT_PATIENCE`].
    fn lasting(&mut self, clock: Duration, fault: Option<&Fault>) -> Option<Fault> {
        let since = match (&self.fault, fault) {
            (_, None) => {
                self.fault = None;
                return None;
            }
            (Some((before, since)), Some(fault)) if before.stage == fault.stage => *since,
            (_, Some(_)) => clock,
        };
        self.fault = fault.map(|fault| (fault.clone(), since));
        let is_lasting = clock.saturating_sub(since) >= FAULT_PATIENCE;
        fault.filter(|_| is_lasting).cloned()
    }

    /// Returns the first stage with waiting work; otherwise the first that did nothing in this run; otherwise the
    /// last.
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

    fn seen(loaded: u64, stages: [Flow; 4]) -> Observation {
        let [stream, store, transform, load] = stages;
        let stages = Stages {
            stream,
            store,
            transform,
            load,
        };
        Observation {
            loaded,
            rejected: 0,
            stages,
        }
    }

    const PATIENCE: Duration = Duration::from_mins(2);

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn stalled(before: Stages, last: [Flow; 4]) -> Stalled {
        let mut watch = Watch::new(100, before, PATIENCE);
        assert_eq!(watch.step(at(0), Some(seen(40, last)), None), Verdict::Wait);
        match watch.step(at(120), Some(seen(40, last)), None) {
            Verdict::Stalled(stalled) => stalled,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_done_when_loaded_and_rejected_are_all_accepted() {
        let mut watch = Watch::new(100, Stages::default(), PATIENCE);
        let most = Observation {
            loaded: 90,
            rejected: 9,
            stages: Stages::default(),
        };
        assert_eq!(watch.step(at(1), Some(most), None), Verdict::Wait);
        let all = Observation {
            rejected: 10,
            ..most
        };
        assert_eq!(watch.step(at(2), Some(all), None), Verdict::Done);
        assert_eq!(
            Watch::new(0, Stages::default(), PATIENCE).step(at(0), Some(most), None),
            Verdict::Done
        );
    }

    #[test]
    fn any_movement_anywhere_gives_two_more_minutes() {
        let mut watch = Watch::new(100, Stages::default(), PATIENCE);
        let moves = [
            seen(0, [flow(0, 0), flow(0, 5), flow(0, 0), flow(0, 0)]),
            seen(0, [flow(0, 0), flow(0, 4), flow(0, 0), flow(0, 0)]),
            seen(0, [flow(0, 0), flow(1, 4), flow(0, 0), flow(0, 0)]),
            seen(1, [flow(0, 0), flow(1, 4), flow(0, 0), flow(0, 0)]),
        ];
        for (seconds, seen) in (0..).step_by(119).zip(moves) {
            assert_eq!(watch.step(at(seconds), Some(seen), None), Verdict::Wait);
        }
        assert_eq!(watch.step(at(476), Some(moves[3]), None), Verdict::Wait);
        assert!(matches!(
            watch.step(at(477), Some(moves[3]), None),
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
        let mut watch = Watch::new(1, Stages::default(), PATIENCE);
        assert_eq!(watch.step(at(119), None, None), Verdict::Wait);
        assert!(matches!(
            watch.step(at(120), None, None),
            Verdict::Stalled(_)
        ));
    }

    #[test]
    fn a_fault_that_lasts_ends_the_wait_and_one_that_passes_does_not() {
        let fault = |stage: &str| Fault {
            stage: stage.to_owned(),
            reason: "it ended".to_owned(),
            next: "`stack start`".to_owned(),
        };
        let mut watch = Watch::new(1, Stages::default(), PATIENCE);
        let (dead, other) = (fault("warehouse"), fault("emulator"));
        assert_eq!(watch.step(at(0), None, Some(&dead)), Verdict::Wait);
        assert_eq!(watch.step(at(9), None, None), Verdict::Wait);
        assert_eq!(watch.step(at(11), None, Some(&dead)), Verdict::Wait);
        assert_eq!(watch.step(at(20), None, Some(&other)), Verdict::Wait);
        assert_eq!(watch.step(at(29), None, Some(&other)), Verdict::Wait);
        assert_eq!(
            watch.step(at(30), None, Some(&other)),
            Verdict::Broken(other)
        );
    }

    proptest! {
        #[test]
        fn a_wait_ends_and_never_before_its_time(
            loaded in prop::collection::vec(0_u64..4, 1..60),
            step in 1_u64..200,
        ) {
            let mut watch = Watch::new(3, Stages::default(), PATIENCE);
            let mut quiet = 0;
            let mut last = 0;
            for (count, loaded) in (1..).zip(loaded) {
                let seen = seen(loaded, [Flow::default(); 4]);
                let verdict = watch.step(at(count * step), Some(seen), None);
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
