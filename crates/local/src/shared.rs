//! The state that the tasks of a supervisor share.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::Machine;
use crate::state::{Part, Phase, State};

/// How often a part may fail before the environment counts as started without it: once may be an accident.
const SETTLED: u32 = 2;

/// The state, in memory and as a file.
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
    /// Whether the file lacks something, as on a full disk.
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

    /// Changes the state and writes it. When it cannot be written, [`Self::write_again`] does it later.
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

    /// Notes that a part runs.
    pub(crate) fn up(&self, part: Part) {
        let mut inner = self.inner();
        inner.up.insert(part);
        inner.state.failures.remove(&part);
        settle(&mut inner);
        self.write(&mut inner);
    }

    /// Notes that a part does not run, and why.
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

    /// Has every part that waits for its next attempt tried at once.
    pub(crate) fn retry(&self) {
        self.again.notify_waiters();
    }

    /// Until [`Self::retry`] is called.
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
        // What a panic left is a whole state: each change is one assignment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the start once every part runs or is known not to.
fn settle(inner: &mut Inner) {
    let failed = |part: &Part| {
        let failures = &inner.state.failures;
        failures
            .get(part)
            .is_some_and(|failure| failure.attempts >= SETTLED)
    };
    let settled = |part: &Part| {
        // The Data API needs PostgreSQL, so it waits for it without being at fault.
        inner.up.contains(part)
            || failed(part)
            || (*part == Part::DataApi && failed(&Part::Warehouse))
    };
    if inner.state.phase == Phase::Starting && Part::ALL.iter().all(settled) {
        inner.state.phase = Phase::Ready;
    }
}
