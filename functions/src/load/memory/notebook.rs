use std::collections::BTreeMap;
use std::sync::Mutex;

use time::OffsetDateTime;
use warehouse::StatementId;
use warehouse::load::{Load, LoadId, LoadState, Progress, Written};

use super::fuse::{Fuse, lock};
use crate::load::ports::{RememberLoads, SetFilesAside, Unfinished};
use crate::ports::CallError;

/// State of a load, its files, and when it was opened.
type Item = (LoadState, Vec<String>, Option<OffsetDateTime>);

/// Table `load` in memory.
#[derive(Debug, Default)]
pub struct Notebook<'a> {
    loads: Mutex<BTreeMap<LoadId, Item>>,
    aside: Mutex<BTreeMap<String, String>>,
    fuse: Option<&'a Fuse>,
}

impl<'a> Notebook<'a> {
    /// Creates a table whose calls fail when the fuse burns.
    #[must_use]
    pub fn behind(fuse: &'a Fuse) -> Self {
        Self {
            fuse: Some(fuse),
            ..Self::default()
        }
    }

    /// Returns the files in quarantine with their reasons.
    #[must_use]
    pub fn aside(&self) -> BTreeMap<String, String> {
        lock(&self.aside).clone()
    }

    /// Claims a load of these files for a loader that stopped afterwards.
    pub fn leave(&self, id: &LoadId, files: &[&str]) {
        let memory = LoadState {
            attempt: 1,
            progress: Progress::Claimed,
        };
        let files = files.iter().map(|key| (*key).to_owned()).collect();
        lock(&self.loads).insert(id.clone(), (memory, files, None));
    }

    /// Returns the state of a load without using the fuse.
    #[must_use]
    pub fn memory(&self, id: &LoadId) -> Option<LoadState> {
        lock(&self.loads).get(id).map(|(memory, ..)| memory.clone())
    }

    /// Yields first, so that two concurrent loaders alternate at every call.
    async fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        tokio::task::yield_now().await;
        match self.fuse {
            Some(fuse) => fuse.guard(effect),
            None => Ok(effect()),
        }
    }

    /// Writes `memory` if the load is at `attempt`.
    fn write(&self, id: &LoadId, attempt: u32, memory: LoadState) -> Written {
        match lock(&self.loads).get_mut(id) {
            Some((there, ..)) if there.attempt == attempt => {
                *there = memory;
                Written::Here
            }
            _ => Written::ByAnother,
        }
    }
}

impl RememberLoads for Notebook<'_> {
    async fn recall(&self, id: &LoadId) -> Result<Option<LoadState>, CallError> {
        self.guard(|| self.memory(id)).await
    }

    async fn claim(&self, load: &Load, at: OffsetDateTime) -> Result<Written, CallError> {
        self.guard(|| {
            let mut loads = lock(&self.loads);
            if loads.contains_key(load.id()) {
                return Written::ByAnother;
            }
            let memory = LoadState {
                attempt: 1,
                progress: Progress::Claimed,
            };
            loads.insert(
                load.id().clone(),
                (memory, load.files().iter().cloned().collect(), Some(at)),
            );
            Written::Here
        })
        .await
    }

    async fn note(
        &self,
        id: &LoadId,
        attempt: u32,
        statement: &StatementId,
    ) -> Result<Written, CallError> {
        let memory = LoadState {
            attempt,
            progress: Progress::Running(statement.clone()),
        };
        self.guard(|| self.write(id, attempt, memory)).await
    }

    async fn raise(
        &self,
        id: &LoadId,
        attempt: u32,
        at: OffsetDateTime,
    ) -> Result<Written, CallError> {
        let memory = LoadState {
            attempt: attempt + 1,
            progress: Progress::Claimed,
        };
        self.guard(|| {
            let written = self.write(id, attempt, memory);
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
            if let Some((memory, _, claimed_at)) = lock(&self.loads).get_mut(id) {
                memory.progress = Progress::Done;
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
                .filter(|(_, (memory, ..))| memory.progress != Progress::Done);
            open.map(|(id, (memory, files, claimed_at))| Unfinished {
                id: id.clone(),
                files: files.clone(),
                is_running: matches!(memory.progress, Progress::Running(_)),
                claimed_at: *claimed_at,
            })
            .collect()
        })
        .await
    }
}

impl SetFilesAside for Notebook<'_> {
    async fn set_aside(&self, _: &LoadId, key: &str, reason: &str) -> Result<(), CallError> {
        self.guard(|| {
            lock(&self.aside).insert(key.to_owned(), reason.to_owned());
        })
        .await
    }
}
