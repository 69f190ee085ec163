//! Reads the counts of a run until the decision is made.

use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use producer::{Prefix, Waited};
use time::OffsetDateTime;

use super::{Blocked, Observation, Obstacle, Reading, Stages, Stalled, Verdict, Watch};
use crate::progress::Ticker;

/// Interval between two queries of the warehouse.
const PAUSE: Duration = Duration::from_millis(500);

/// Interval between two readings of everything else. They are slower, and on a small machine they slow the stages down.
const STATE_PAUSE: Duration = Duration::from_secs(5);

/// The same interval while the warehouse does not answer.
const SILENT_PAUSE: Duration = Duration::from_secs(1);

/// Time limit for a query of the warehouse.
const LIMIT: Duration = Duration::from_secs(10);

/// Why the warehouse could not be queried.
pub type ProgressError = Box<dyn Error + Send + Sync>;

/// The events of a run, by their ids.
#[derive(Clone, Debug)]
pub struct Run {
    /// Prefix of the ids.
    pub prefix: Prefix,
    /// The last row that was read; `None` for every row of the content.
    pub last: Option<u64>,
    /// When it began. Earlier rejects belong to another run.
    pub since: OffsetDateTime,
}

/// State of an environment, without the events in the warehouse.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Events of the run that a stage after the API rejected; `None` if the rejects cannot be read.
    pub rejected: Option<u64>,
    /// `None` if a count is unknown.
    pub stages: Option<Stages>,
    /// Known problems that may prevent the run from finishing, the most serious first.
    pub obstacles: Vec<Obstacle>,
}

/// Reads the progress of an environment. No implementation may scan a table.
pub trait Progress {
    /// Returns the number of events of the run in the warehouse.
    fn loaded(&self, run: &Run) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// Returns the rejects of the run, the counts of the stages, and known problems.
    fn state(&self, run: &Run) -> impl Future<Output = State> + Send;

    /// Returns the counts of the stages.
    fn stages(&self) -> impl Future<Output = Stages> + Send;
}

/// Why a wait ended before all events were loaded or rejected.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// A known problem prevents the run from finishing.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// A stage makes no progress.
    #[error(transparent)]
    Stalled(#[from] Stalled),
    /// The warehouse could not be queried for as long.
    #[error(
        "the warehouse did not answer: `stack status` shows the cause; it is safe to stream the same content again"
    )]
    Blind(#[source] ProgressError),
    /// The user pressed Ctrl-C.
    #[error(
        "the wait was interrupted: all events are accepted and will be loaded; `stack status` shows the progress"
    )]
    Interrupted,
}

/// Waits until `accepted` events of the run are loaded or rejected.
///
/// # Errors
///
/// When a known problem prevents the run from finishing, there was no progress for 120 s, or when `interrupted`.
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
    let mut state_read: Option<Instant> = None;
    loop {
        let (reading, error) = tokio::select! {
            read = read(progress, run, &mut state_read) => read,
            () = &mut interrupted => return Err(WaitError::Interrupted),
        };
        match (watch.step(started.elapsed(), &reading), error) {
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

/// Queries the warehouse, and reads everything else unless it was read recently, at `state_read`.
async fn read(
    progress: &impl Progress,
    run: &Run,
    state_read: &mut Option<Instant>,
) -> (Reading, Option<ProgressError>) {
    let silent = || Err(format!("no answer within {} s", LIMIT.as_secs()).into());
    let loaded = tokio::time::timeout(LIMIT, progress.loaded(run)).await;
    let (loaded, error) = match loaded.unwrap_or_else(|_elapsed| silent()) {
        Ok(loaded) => (Some(loaded), None),
        Err(error) => (None, Some(error)),
    };
    let pause = if error.is_some() {
        SILENT_PAUSE
    } else {
        STATE_PAUSE
    };
    let mut reading = Reading {
        loaded,
        ..Reading::default()
    };
    if state_read.is_none_or(|at| at.elapsed() >= pause) {
        let state = progress.state(run).await;
        reading.rejected = state.rejected;
        reading.stages = state.stages;
        reading.obstacles = state.obstacles;
        *state_read = Some(Instant::now());
    }
    (reading, error)
}

fn describe(
    seen: &Observation,
    accepted: u64,
    error: Option<&(dyn Error + Send + Sync)>,
) -> String {
    if let Some(error) = error {
        return format!("the warehouse does not answer: {error}");
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
    async fn a_reading_that_fails_decides_nothing() {
        let waited = run(&[Some(7), None, Some(8)], std::future::pending())
            .await
            .unwrap();
        assert_eq!((waited.loaded, waited.rejected), (8, 2));
    }

    #[tokio::test]
    async fn an_interrupted_wait_ends_with_its_own_error() {
        let error = run(&[Some(7)], std::future::ready(())).await.unwrap_err();
        assert!(matches!(error, WaitError::Interrupted));
    }
}
