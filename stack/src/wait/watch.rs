//! The loop around the decision.

use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use producer::{Prefix, Waited};
use time::OffsetDateTime;

use super::{Blocked, Look, Observation, Obstacle, Stages, Stalled, Verdict, Watch};
use crate::progress::Ticker;

/// Between two looks at the warehouse.
const PAUSE: Duration = Duration::from_millis(500);

/// Between two looks at everything else: they take longer, and time from the stages on a small machine.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// The same while the warehouse gives no answer.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Why looking failed.
pub type ProgressError = Box<dyn Error + Send + Sync>;

/// The events of a run, by their ids.
#[derive(Clone, Debug)]
pub struct Run {
    /// What the ids start with.
    pub prefix: Prefix,
    /// The last row that was read; `None` for every row of the content.
    pub last: Option<u64>,
    /// When it began. What was rejected before is of another run.
    pub since: OffsetDateTime,
}

/// What is known beside the events in the warehouse.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Events of the run that were rejected behind the API; `None` when that cannot be read.
    pub rejected: Option<u64>,
    /// What the stages have done and have before them.
    pub stages: Option<Stages>,
    /// Known causes that may hold the run up.
    pub obstacles: Vec<Obstacle>,
}

/// How far an environment is. None of these may scan a table.
pub trait Progress {
    /// Events of the run in the warehouse.
    fn loaded(&self, run: &Run) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// The stages, what they rejected, and what holds them up.
    fn state(&self, run: &Run) -> impl Future<Output = State> + Send;

    /// What the stages have done and have before them.
    fn stages(&self) -> impl Future<Output = Stages> + Send;
}

/// A wait that ended otherwise.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// A known cause holds the run up.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// A stage stands still.
    #[error(transparent)]
    Stalled(#[from] Stalled),
    /// Nothing could be seen for as long.
    #[error(
        "the environment's state cannot be read: `stack status` tells more, and streaming again is safe"
    )]
    Blind(#[source] ProgressError),
    /// Somebody pressed Ctrl-C.
    #[error(
        "the wait was interrupted: the events are accepted and on their way, `stack status` shows them"
    )]
    Interrupted,
}

/// Waits until `accepted` events of the run are loaded or rejected.
///
/// # Errors
///
/// When a known cause holds the run up, nothing moved for 120 s, or when `interrupted`.
pub async fn wait(
    progress: &impl Progress,
    run: &Run,
    accepted: u64,
    before: Stages,
    ticker: &mut Ticker,
    interrupted: impl Future<Output = ()>,
) -> Result<Waited, WaitError> {
    let started = Instant::now();
    let mut watch = Watch::new(accepted, before);
    let mut interrupted = pin!(interrupted);
    let mut looked: Option<Instant> = None;
    loop {
        let (look, error) = tokio::select! {
            seen = look(progress, run, &mut looked) => seen,
            () = &mut interrupted => return Err(WaitError::Interrupted),
        };
        match (watch.step(started.elapsed(), &look), error) {
            (Verdict::Done, _) => return Ok(waited(started, &watch.seen())),
            (Verdict::Blocked(blocked), _) => return Err(blocked.into()),
            (Verdict::Stalled(stalled), None) => return Err(stalled.into()),
            (Verdict::Stalled(_), Some(error)) => return Err(WaitError::Blind(error)),
            (Verdict::Wait, error) => {
                let seen = watch.seen();
                ticker.show(seen.loaded, || describe(&seen, accepted, error.as_deref()));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = &mut interrupted => return Err(WaitError::Interrupted),
        }
    }
}

fn waited(started: Instant, seen: &Observation) -> Waited {
    Waited {
        seconds: started.elapsed().as_secs_f64(),
        loaded: seen.loaded,
        rejected: seen.rejected,
    }
}

/// Looks at the warehouse, and at all else unless that was `looked` at recently.
async fn look(
    progress: &impl Progress,
    run: &Run,
    looked: &mut Option<Instant>,
) -> (Look, Option<ProgressError>) {
    let silent = || Err(format!("no answer within {} s", LIMIT.as_secs()).into());
    let loaded = tokio::time::timeout(LIMIT, progress.loaded(run)).await;
    let (loaded, error) = match loaded.unwrap_or_else(|_elapsed| silent()) {
        Ok(loaded) => (Some(loaded), None),
        Err(error) => (None, Some(error)),
    };
    let pause = if error.is_some() {
        SHORT_PAUSE
    } else {
        LONG_PAUSE
    };
    let mut look = Look {
        loaded,
        ..Look::default()
    };
    if looked.is_none_or(|at| at.elapsed() >= pause) {
        let state = progress.state(run).await;
        look.rejected = state.rejected;
        look.stages = state.stages;
        look.obstacles = state.obstacles;
        *looked = Some(Instant::now());
    }
    (look, error)
}

fn describe(
    seen: &Observation,
    accepted: u64,
    error: Option<&(dyn Error + Send + Sync)>,
) -> String {
    if let Some(error) = error {
        return format!("the warehouse gives no answer: {error}");
    }
    let Stages {
        store,
        transform,
        load,
        ..
    } = seen.stages;
    format!(
        "{} of {} events loaded; waiting: store {}, transform {}, load {}",
        HumanCount(seen.loaded),
        HumanCount(accepted),
        HumanCount(store.waiting),
        HumanCount(transform.waiting),
        HumanCount(load.waiting),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;

    /// Answers `loaded` by a script; `None` is a failure.
    struct Script(Mutex<VecDeque<Option<u64>>>);

    impl Progress for Script {
        async fn loaded(&self, run: &Run) -> Result<u64, ProgressError> {
            assert_eq!(run.prefix.as_ref(), "0707070707070707");
            self.0
                .lock()
                .unwrap()
                .pop_front()
                .flatten()
                .ok_or_else(|| "no connection".into())
        }

        async fn state(&self, _run: &Run) -> State {
            State {
                rejected: Some(2),
                ..State::default()
            }
        }

        async fn stages(&self) -> Stages {
            Stages::default()
        }
    }

    async fn run(
        loaded: &[Option<u64>],
        interrupted: impl Future<Output = ()>,
    ) -> Result<Waited, WaitError> {
        let script = Script(Mutex::new(loaded.iter().copied().collect()));
        let of = Run {
            prefix: Prefix::new(&[7; 32]),
            last: None,
            since: OffsetDateTime::UNIX_EPOCH,
        };
        let ticker = &mut Ticker::new(10);
        wait(&script, &of, 10, Stages::default(), ticker, interrupted).await
    }

    #[tokio::test]
    async fn a_look_that_fails_decides_nothing() {
        let waited = run(&[Some(7), None, Some(8)], std::future::pending())
            .await
            .unwrap();
        assert_eq!((waited.loaded, waited.rejected), (8, 2));
    }

    #[tokio::test]
    async fn an_interrupted_wait_says_that_the_events_are_on_their_way() {
        let error = run(&[Some(7)], std::future::ready(())).await.unwrap_err();
        assert!(matches!(error, WaitError::Interrupted));
    }
}
