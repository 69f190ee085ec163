//! The loop that observes and waits.

use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use serde::Serialize;

use super::{Fault, Observation, Stages, Stalled, Verdict, Watch};
use crate::stream::{Run, Ticker};

/// Interval between queries of the loaded events.
const PAUSE: Duration = Duration::from_millis(500);

/// Interval between the other observations, which are slower and take CPU time from the stages on a small machine.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// Why an observation failed.
pub type ProgressError = Box<dyn Error + Send + Sync>;

/// Progress of the stages, and faults of the environment.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub stages: Stages,
    /// Faults that do not pass by waiting.
    pub faults: Vec<Fault>,
}

/// Progress of an environment. Implementations must not scan tables.
pub trait Progress {
    /// Returns the number of events of `run` in the warehouse.
    fn loaded(&self, run: &Run) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// Returns the number of events of `run` that a stage after the API rejected.
    fn rejected(&self, run: &Run) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// Returns the progress of the stages and the faults. Leaves out what cannot be read.
    fn look(&self) -> impl Future<Output = Look> + Send;
}

/// Result of a successful wait.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waited {
    pub seconds: f64,
    /// Events of the run in the warehouse.
    pub loaded: u64,
    /// Events of the run that a stage after the API rejected.
    pub rejected: u64,
}

impl Waited {
    fn new(started: Instant, seen: &Observation) -> Self {
        let seconds = started.elapsed().as_secs_f64();
        Self {
            seconds,
            loaded: seen.loaded,
            rejected: seen.rejected,
        }
    }
}

/// Why a wait failed.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// A stage makes no progress.
    #[error(transparent)]
    Stalled(#[from] Stalled),
    /// Something that the run needs is broken.
    #[error("the wait is over, as what it waits for cannot happen\n  {0}")]
    Broken(#[from] Fault),
    /// No observation succeeded for the same time.
    #[error(
        "the environment's state cannot be read: `stack status` tells more, and streaming again is safe"
    )]
    Blind(#[source] ProgressError),
    /// The user pressed Ctrl-C.
    #[error(
        "the wait was interrupted: the events are accepted and on their way, `stack status` shows them"
    )]
    Interrupted,
}

/// Parameters of a wait.
#[derive(Debug)]
pub struct Wait {
    pub run: Run,
    /// Number of the run's accepted events.
    pub accepted: u64,
    /// Observation from before the run.
    pub before: Look,
    /// Maximum time without progress.
    pub patience: Duration,
}

/// Observations other than the loaded events, which are made less often.
struct Rest {
    at: Instant,
    look: Look,
    rejected: Result<u64, String>,
}

/// Waits until the accepted events of a run are loaded or rejected.
///
/// # Errors
///
/// When there was no progress for `patience`, when a fault lasted that did not exist before the run, or when
/// `interrupted`.
pub async fn wait(
    progress: &impl Progress,
    wait: &Wait,
    ticker: &mut Ticker,
    interrupted: impl Future<Output = ()>,
) -> Result<Waited, WaitError> {
    let mut interrupted = pin!(interrupted);
    tokio::select! {
        waited = watched(progress, wait, ticker) => waited,
        () = &mut interrupted => Err(WaitError::Interrupted),
    }
}

async fn watched(
    progress: &impl Progress,
    wait: &Wait,
    ticker: &mut Ticker,
) -> Result<Waited, WaitError> {
    let started = Instant::now();
    let mut watch = Watch::new(wait.accepted, wait.before.stages, wait.patience);
    let mut rest = rest(progress, &wait.run).await;
    loop {
        if rest.at.elapsed() >= LONG_PAUSE {
            rest = self::rest(progress, &wait.run).await;
        }
        let seen = observation(progress, &wait.run, &rest).await;
        let is_new = |fault: &&Fault| !wait.before.faults.contains(fault);
        let fault = rest.look.faults.iter().find(is_new);
        let verdict = watch.step(started.elapsed(), seen.as_ref().ok().copied(), fault);
        match (verdict, seen) {
            (Verdict::Done, Ok(seen)) => return Ok(Waited::new(started, &seen)),
            (Verdict::Broken(fault), _) => return Err(fault.into()),
            (Verdict::Stalled(stalled), Ok(_)) => return Err(stalled.into()),
            (Verdict::Stalled(_), Err(error)) => return Err(WaitError::Blind(error)),
            (_, Ok(seen)) => ticker.show(seen.loaded, || told(&seen, wait.accepted)),
            (_, Err(error)) => tracing::debug!(error, "the state cannot be read just now"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn rest(progress: &impl Progress, run: &Run) -> Rest {
    let (look, rejected) = tokio::join!(progress.look(), progress.rejected(run));
    Rest {
        at: Instant::now(),
        look,
        rejected: rejected.map_err(|error| error.to_string()),
    }
}

async fn observation(
    progress: &impl Progress,
    run: &Run,
    rest: &Rest,
) -> Result<Observation, ProgressError> {
    Ok(Observation {
        loaded: progress.loaded(run).await?,
        rejected: rest.rejected.clone()?,
        stages: rest.look.stages,
    })
}

fn told(seen: &Observation, accepted: u64) -> String {
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
    use crate::stream::Prefix;

    /// Answers `loaded` by a script; `None` is a failure.
    struct Script(Mutex<VecDeque<Option<u64>>>);

    impl Progress for Script {
        async fn loaded(&self, run: &Run) -> Result<u64, ProgressError> {
            assert_eq!((run.prefix(), run.last_row()), ("0707070707070707", 10));
            self.0
                .lock()
                .unwrap()
                .pop_front()
                .flatten()
                .ok_or_else(|| "no connection".into())
        }

        async fn rejected(&self, _run: &Run) -> Result<u64, ProgressError> {
            Ok(2)
        }

        async fn look(&self) -> Look {
            Look::default()
        }
    }

    async fn run(
        loaded: &[Option<u64>],
        interrupted: impl Future<Output = ()>,
    ) -> Result<Waited, WaitError> {
        let script = Script(Mutex::new(loaded.iter().copied().collect()));
        let wanted = Wait {
            run: Run::new(Prefix::new(&[7; 32]), 10),
            accepted: 10,
            before: Look::default(),
            patience: Duration::from_mins(2),
        };
        wait(&script, &wanted, &mut Ticker::new(10), interrupted).await
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
