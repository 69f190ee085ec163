use std::collections::BTreeMap;
use std::sync::Mutex;

use time::OffsetDateTime;
use warehouse::StatementId;
use warehouse::load::{Load, LoadId, LoadState, Progress, Written};

use super::fault_injector::{FaultInjector, lock};
use crate::load::ports::{QuarantineFiles, TrackLoads, Unfinished};
use crate::ports::CallError;

/// State of a load, its files, and when it was opened.
type Item = (LoadState, Vec<String>, Option<OffsetDateTime>);

/// Table `load` in memory.
#[derive(Debug, Default)]
pub struct LoadTable<'a> {
    loads: Mutex<BTreeMap<LoadId, Item>>,
    quarantined: Mutex<BTreeMap<String, String>>,
    faults: Option<&'a FaultInjector>,
}

impl<'a> LoadTable<'a> {
    /// Creates a table whose calls fail when a fault is injected.
    #[must_use]
    pub fn with_faults(faults: &'a FaultInjector) -> Self {
        Self {
            faults: Some(faults),
            ..Self::default()
        }
    }

    /// Returns the files in quarantine with their reasons.
    #[must_use]
    pub fn quarantined(&self) -> BTreeMap<String, String> {
        lock(&self.quarantined).clone()
    }

    /// Claims a load of these files for a loader that stopped afterwards.
    pub fn abandon(&self, id: &LoadId, files: &[&str]) {
        let state = LoadState {
            attempt: 1,
            progress: Progress::Claimed,
        };
        let files = files.iter().map(|key| (*key).to_owned()).collect();
        lock(&self.loads).insert(id.clone(), (state, files, None));
    }

    /// Returns the state of a load without faults.
    #[must_use]
    pub fn state(&self, id: &LoadId) -> Option<LoadState> {
        lock(&self.loads).get(id).map(|(state, ..)| state.clone())
    }

    /// Yields first, so that two concurrent loaders alternate at every call.
    async fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        tokio::task::yield_now().await;
        match self.faults {
            Some(faults) => faults.guard(effect),
            None => Ok(effect()),
        }
    }

    /// Writes `state` if the load is at `attempt`.
    fn write(&self, id: &LoadId, attempt: u32, state: LoadState) -> Written {
        match lock(&self.loads).get_mut(id) {
            Some((there, ..)) if there.attempt == attempt => {
                *there = state;
                Written::Here
            }
            _ => Written::ByAnother,
        }
    }
}

impl TrackLoads for LoadTable<'_> {
    async fn read(&self, id: &LoadId) -> Result<Option<LoadState>, CallError> {
        self.guard(|| self.state(id)).await
    }

    async fn claim(&self, load: &Load, at: OffsetDateTime) -> Result<Written, CallError> {
        self.guard(|| {
            let mut loads = lock(&self.loads);
            if loads.contains_key(load.id()) {
                return Written::ByAnother;
            }
            let state = LoadState {
                attempt: 1,
                progress: Progress::Claimed,
            };
            loads.insert(
                load.id().clone(),
                (state, load.files().iter().cloned().collect(), Some(at)),
            );
            Written::Here
        })
        .await
    }

    async fn record_statement(
        &self,
        id: &LoadId,
        attempt: u32,
        statement: &StatementId,
    ) -> Result<Written, CallError> {
        let state = LoadState {
            attempt,
            progress: Progress::Running(statement.clone()),
        };
        self.guard(|| self.write(id, attempt, state)).await
    }

    async fn begin_next_attempt(
        &self,
        id: &LoadId,
        attempt: u32,
        at: OffsetDateTime,
    ) -> Result<Written, CallError> {
        let state = LoadState {
            attempt: attempt + 1,
            progress: Progress::Claimed,
        };
        self.guard(|| {
            let written = self.write(id, attempt, state);
            if let (Written::Here, Some((_, _, claimed_at))) =
                (written, lock(&self.loads).get_mut(id))
            {
                claimed_at.get_or_insert(at);
            }
            written
        })
        .await
    }

    async fn close(&self, id: &LoadId) -> Result<(), CallError> {
        self.guard(|| {
            if let Some((state, _, claimed_at)) = lock(&self.loads).get_mut(id) {
                state.progress = Progress::Done;
                *claimed_at = None;
            }
        })
        .await
    }

    async fn unfinished(&self) -> Result<Vec<Unfinished>, CallError> {
        self.guard(|| {
            let loads = lock(&self.loads);
            let open = loads
                .iter()
                .filter(|(_, (state, ..))| state.progress != Progress::Done);
            open.map(|(id, (state, files, claimed_at))| Unfinished {
                id: id.clone(),
                files: files.clone(),
                is_running: matches!(state.progress, Progress::Running(_)),
                claimed_at: *claimed_at,
            })
            .collect()
        })
        .await
    }
}

impl QuarantineFiles for LoadTable<'_> {
    async fn quarantine(&self, _: &LoadId, key: &str, reason: &str) -> Result<(), CallError> {
        self.guard(|| {
            lock(&self.quarantined).insert(key.to_owned(), reason.to_owned());
        })
        .await
    }
}
