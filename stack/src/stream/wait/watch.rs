//! The loop around the decision.

use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use serde::Serialize;

use super::{Observation, Stages, Stalled, Verdict, Watch};
use crate::stream::{Prefix, Ticker};

/// Between two looks at the warehouse.
const PAUSE: Duration = Duration::from_millis(500);

/// Between two looks at everything else: they take longer, and time from the stages on a small machine.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// Why looking failed.
pub type ProgressError = Box<dyn Error + Send + Sync>;

/// How far an environment is. None of these may scan a table.
pub trait Progress {
    /// Events in the warehouse whose ids start with `prefix`.
    fn loaded(&self, prefix: &str) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// Events whose ids start with `prefix` that a stage behind the API set aside.
    fn rejected(&self, prefix: &str) -> impl Future<Output = Result<u64, ProgressError>> + Send;

    /// What the stages have done and have before them.
    fn stages(&self) -> impl Future<Output = Result<Stages, ProgressError>> + Send;
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

/// Waits until `accepted` events of `prefix` are loaded or rejected.
///
/// # Errors
///
/// When nothing moved for 120 s, or when `interrupted`.
pub async fn wait(
    progress: &impl Progress,
    prefix: &Prefix,
    accepted: u64,
    before: Stages,
    ticker: &mut Ticker,
    interrupted: impl Future<Output = ()>,
) -> Result<Waited, WaitError> {
    let started = Instant::now();
    let mut watch = Watch::new(accepted, before);
    let mut interrupted = pin!(interrupted);
    let mut all: Option<(Instant, Observation)> = None;
    loop {
        let recent = all
            .filter(|(at, _)| at.elapsed() < LONG_PAUSE)
            .map(|(_, seen)| seen);
        let seen = tokio::select! {
            seen = look(progress, prefix.as_ref(), recent) => seen,
            () = &mut interrupted => return Err(WaitError::Interrupted),
        };
        if let (None, Ok(seen)) = (recent, &seen) {
            all = Some((Instant::now(), *seen));
        }
        let verdict = watch.step(started.elapsed(), seen.as_ref().ok().copied());
        match (verdict, seen) {
            (Verdict::Done, Ok(seen)) => return Ok(Waited::new(started, &seen)),
            (Verdict::Stalled(stalled), Ok(_)) => return Err(stalled.into()),
            (Verdict::Stalled(_), Err(error)) => return Err(WaitError::Blind(error)),
            (_, Ok(seen)) => ticker.show(seen.loaded, || told(&seen, accepted)),
            (_, Err(error)) => tracing::debug!(error, "the state cannot be read just now"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = &mut interrupted => return Err(WaitError::Interrupted),
        }
    }
}

/// Looks at the warehouse, and at all else unless that was seen recently.
async fn look(
    progress: &impl Progress,
    prefix: &str,
    recent: Option<Observation>,
) -> Result<Observation, ProgressError> {
    let loaded = progress.loaded(prefix).await?;
    if let Some(recent) = recent {
        return Ok(Observation { loaded, ..recent });
    }
    Ok(Observation {
        loaded,
        rejected: progress.rejected(prefix).await?,
        stages: progress.stages().await?,
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

    /// Answers `loaded` by a script; `None` is a failure.
    struct Script(Mutex<VecDeque<Option<u64>>>);

    impl Progress for Script {
        async fn loaded(&self, prefix: &str) -> Result<u64, ProgressError> {
            assert_eq!(prefix, "0707070707070707");
            self.0
                .lock()
                .unwrap()
                .pop_front()
                .flatten()
                .ok_or_else(|| "no connection".into())
        }

        async fn rejected(&self, _prefix: &str) -> Result<u64, ProgressError> {
            Ok(2)
        }

        async fn stages(&self) -> Result<Stages, ProgressError> {
            Ok(Stages::default())
        }
    }

    async fn run(
        loaded: &[Option<u64>],
        interrupted: impl Future<Output = ()>,
    ) -> Result<Waited, WaitError> {
        let script = Script(Mutex::new(loaded.iter().copied().collect()));
        let prefix = Prefix::new(&[7; 32]);
        let ticker = &mut Ticker::new(10);
        wait(&script, &prefix, 10, Stages::default(), ticker, interrupted).await
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
