//! The state that the supervisor's tasks share.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::Machine;
use crate::state::{Part, Phase, State};

/// The number of failures of a part after which the environment counts as started without it. One failure can be an
/// accident.
const SETTLED: u32 = 2;

/// The state, in memory and in a file.
#[derive(Debug)]
pub(crate) struct Shared {
    machine: Machine,
    inner: Mutex<Inner>,
    again: Notify,
}

#[derive(Debug)]
struct Inner {
    state: State,
    up: BTreeSet<Part>,
    /// Whether the last write of the file failed, for example because the disk was full.
    unwritten: bool,
}

impl Shared {
    pub(crate) fn new(machine: Machine, state: State) -> Self {
        let inner = Inner {
            state,
            up: BTreeSet::new(),
            unwritten: false,
        };
        Self {
            machine,
            inner: Mutex::new(inner),
            again: Notify::new(),
        }
    }

    pub(crate) fn state(&self) -> State {
        self.inner().state.clone()
    }

    /// Changes the state and writes it. If the write fails, [`Self::write_again`] repeats it later.
    pub(crate) fn update(&self, change: impl FnOnce(&mut State)) {
        let mut inner = self.inner();
        change(&mut inner.state);
        self.write(&mut inner);
    }

    pub(crate) fn write_again(&self) {
        let mut inner = self.inner();
        if inner.unwritten {
            self.write(&mut inner);
        }
    }

    /// Records that a part runs.
    pub(crate) fn up(&self, part: Part) {
        let mut inner = self.inner();
        inner.up.insert(part);
        inner.state.failures.remove(&part);
        settle(&mut inner);
        self.write(&mut inner);
    }

    /// Records that a part does not run, and why.
    pub(crate) fn failed(&self, part: Part, reason: String) {
        tracing::warn!("{} does not run: {reason}", part.as_str());
        let mut inner = self.inner();
        inner.up.remove(&part);
        inner.state.fail(part, reason, OffsetDateTime::now_utc());
        settle(&mut inner);
        self.write(&mut inner);
    }

    pub(crate) fn is_up(&self, part: Part) -> bool {
        self.inner().up.contains(&part)
    }

    /// Makes every part that waits for its next attempt retry immediately.
    pub(crate) fn retry(&self) {
        self.again.notify_waiters();
    }

    /// Waits until [`Self::retry`] is called.
    pub(crate) async fn retried(&self) {
        self.again.notified().await;
    }

    fn write(&self, inner: &mut Inner) {
        let written = inner.state.write(&self.machine);
        if let (Err(error), false) = (&written, inner.unwritten) {
            tracing::error!("{error}");
        }
        inner.unwritten = written.is_err();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic leaves a consistent state, because each change is one assignment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the phase `Starting` when each part runs or has failed often enough.
fn settle(inner: &mut Inner) {
    let failed = |part: &Part| {
        let failures = &inner.state.failures;
        failures
            .get(part)
            .is_some_and(|failure| failure.attempts >= SETTLED)
    };
    let settled = |part: &Part| {
        // The Data API needs PostgreSQL. While it waits for it, it has not failed itself.
        inner.up.contains(part)
            || failed(part)
            || (*part == Part::DataApi && failed(&Part::Warehouse))
    };
    if inner.state.phase == Phase::Starting && Part::ALL.iter().all(settled) {
        inner.state.phase = Phase::Ready;
    }
}
