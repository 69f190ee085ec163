//! The loop around the decision.

use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use serde::Serialize;

use super::{Fault, Observation, Stages, Stalled, Verdict, Watch};
use crate::stream::{Run, Ticker};

/// Between two looks at the warehouse.
const PAUSE: Duration = Duration::from_millis(500);

/// Between two looks at everything else: they take longer, and time from the stages on a small machine.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// Why looking failed.
pub type ProgressError = Box<dyn Error + Send + Sync>;

/// What the stages have done and have before them, and what is wrong with the environment.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The stages.
    pub stages: Stages,
    /// What does not pass by waiting.
    pub faults: Vec<Fault>,
}

/// How far an environment is. None of these may scan a table.
pub trait Progress {
    /// Events of `run` in the warehouse.
    fn loaded(&self, run: &Run) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// Events of `run` that a stage behind the API rejected.
    fn rejected(&self, run: &Run) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// Everything else. What cannot be asked is left out.
    fn look(&self) -> impl Future<Output = Look> + Send;
}

/// A wait that ended well.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waited {
    /// How long it took.
    pub seconds: f64,
    /// Events of the run in the warehouse.
    pub loaded: u64,
    /// Events of the run set aside behind the API.
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

/// A wait that ended otherwise.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// A stage stands still.
    #[error(transparent)]
    Stalled(#[from] Stalled),
    /// Something is broken that the run needs.
    #[error("the wait is over, as what it waits for cannot happen\n  {0}")]
    Broken(#[from] Fault),
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

/// What a wait is for.
#[derive(Debug)]
pub struct Wait {
    /// The run.
    pub run: Run,
    /// How many of its events were accepted.
    pub accepted: u64,
    /// What was seen when the run began.
    pub before: Look,
    /// How long nothing may move.
    pub patience: Duration,
}

/// All but the loaded events, which is asked for less often.
struct Rest {
    at: Instant,
    look: Look,
    rejected: Result<u64, String>,
}

/// Waits until the accepted events of a run are loaded or rejected.
///
/// # Errors
///
/// When nothing moved for as long as the wait is patient, when a fault lasted that was not there before the run, or when
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
