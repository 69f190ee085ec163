//! All statements of the last day, and the client tokens of the last hours.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use super::journal::Journal;
use super::{Entry, Progress, Request, SessionError, Status, now_ms};

/// Statements that may be under way at a time.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
const MOST_ACTIVE: usize = 500;
/// How long results and statements are kept.
const KEPT: Duration = Duration::from_hours(24);
/// How long a client token names its statement.
const TOKEN_KEPT: Duration = Duration::from_hours(8);

/// What became of a submission.
pub(crate) enum Submission {
    /// It is to be run.
    New(Arc<Entry>),
    /// Its client token named this statement before.
    Known(Arc<Entry>),
}

/// Why a statement was not taken.
#[derive(Debug, Error)]
pub(crate) enum SubmitError {
    /// Its session does not take it.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Too many are under way.
    #[error("the number of active statements exceeds the limit of {MOST_ACTIVE}")]
    TooMany,
    /// It could not be noted, so a restart would forget it.
    #[error("the statement could not be noted")]
    Journal(#[source] io::Error),
}

/// Which statements to list.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) owner: String,
    pub(crate) name_prefix: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) database: Option<String>,
}

/// Statements and tokens.
pub(crate) struct Registry {
    state: Mutex<State>,
    query_ids: AtomicI64,
}

struct State {
    journal: Journal,
    statements: HashMap<String, Arc<Entry>>,
    tokens: HashMap<(String, String), Arc<Entry>>,
    /// How many are not settled.
    active: usize,
}

impl Registry {
    /// Reads the journal in `directory`. Statements that were under way are as they were: it is for
    /// [`super::Runner::recover`] to find out how they ended.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let now = now_ms();
        let (journal, found) =
            Journal::open(directory, |request, _| is_within(request, now, KEPT))?;
        let mut state = State {
            journal,
            statements: HashMap::new(),
            tokens: HashMap::new(),
            active: 0,
        };
        for (request, progress) in found {
            state.insert(Arc::new(Entry::new(request, progress)));
        }
        Ok(Self {
            state: Mutex::new(state),
            query_ids: AtomicI64::new(now),
        })
    }

    /// Takes `request`, unless its token is known. Two requests with one token that arrive at once
    /// get one statement; it is on disk before this returns. `enter` takes its place in a session:
    /// it is asked once everything else fits, and what it refuses leaves nothing behind.
    pub(crate) fn submit(
        &self,
        request: Request,
        enter: impl FnOnce(&Request) -> Result<(), SessionError>,
    ) -> Result<Submission, SubmitError> {
        let mut state = self.lock();
        let now = now_ms();
        let known = request
            .token
            .as_deref()
            .and_then(|token| state.by_token(&request.owner, token));
        if let Some(known) = known {
            return Ok(Submission::Known(known));
        }
        if state.active >= MOST_ACTIVE {
            return Err(SubmitError::TooMany);
        }
        enter(&request)?;
        let ids = request
            .sqls
            .iter()
            .map(|_| self.query_ids.fetch_add(1, Ordering::Relaxed));
        let progress = Progress::submitted(now, ids);
        state
            .journal
            .submitted(&request, &progress)
            .map_err(SubmitError::Journal)?;
        let entry = Arc::new(Entry::new(request, progress));
        state.insert(Arc::clone(&entry));
        Ok(Submission::New(entry))
    }

    /// The statement that `owner` named by `token`.
    pub(crate) fn by_token(&self, owner: &str, token: &str) -> Option<Arc<Entry>> {
        self.lock().by_token(owner, token)
    }

    /// The statement with this id, without the number of a part.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Entry>> {
        let entry = self.lock().statements.get(id).cloned()?;
        is_within(&entry.request, now_ms(), KEPT).then_some(entry)
    }

    /// Changes how far `entry` is, tells those who wait, and notes it when a restart must know.
    pub(crate) fn update(&self, entry: &Entry, change: impl FnOnce(&mut Progress)) {
        let mut state = self.lock();
        let before = entry.progress();
        entry.change(|progress| {
            progress.updated_ms = now_ms();
            change(progress);
        });
        let after = entry.progress();
        if after.status.is_settled() && !before.status.is_settled() {
            state.active -= 1;
        }
        if (after.status, &after.committing) != (before.status, &before.committing)
            && let Err(error) = state.journal.changed(&entry.request.id, &after)
        {
            tracing::error!(%error, id = entry.request.id, "a statement's progress was not noted");
        }
    }

    /// Statements that `filter` lets through, the latest first.
    pub(crate) fn list(&self, filter: &Filter) -> Vec<Arc<Entry>> {
        let now = now_ms();
        let mut found: Vec<_> = self.lock().statements.values().cloned().collect();
        found.retain(|entry| is_within(&entry.request, now, KEPT) && filter.admits(entry));
        found.sort_by(|a, b| {
            (b.request.created_ms, &b.request.id).cmp(&(a.request.created_ms, &a.request.id))
        });
        found
    }

    /// Statements that are not settled.
    pub(crate) fn unsettled(&self) -> Vec<Arc<Entry>> {
        let mut found: Vec<_> = self.lock().statements.values().cloned().collect();
        found.retain(|entry| !entry.status().is_settled());
        found
    }

    /// Whether the statement is known, however old it is.
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.lock().statements.contains_key(id)
    }

    /// Forgets statements older than a day, in the journal too.
    pub(crate) fn forget_old(&self) {
        let now = now_ms();
        let mut state = self.lock();
        let State {
            journal,
            statements,
            tokens,
            ..
        } = &mut *state;
        statements.retain(|_, entry| {
            is_within(&entry.request, now, KEPT) || !entry.status().is_settled()
        });
        tokens.retain(|_, entry| is_within(&entry.request, now, TOKEN_KEPT));
        let left = statements.values();
        let left = left.map(|entry| (entry.request.clone(), entry.progress()));
        if let Err(error) = journal.compact(left) {
            tracing::error!(%error, "the journal could not be made smaller");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn by_token(&self, owner: &str, token: &str) -> Option<Arc<Entry>> {
        let known = self.tokens.get(&(owner.to_owned(), token.to_owned()))?;
        is_within(&known.request, now_ms(), TOKEN_KEPT).then(|| Arc::clone(known))
    }

    fn insert(&mut self, entry: Arc<Entry>) {
        if let Some(token) = entry.request.token.clone() {
            let key = (entry.request.owner.clone(), token);
            let later = self
                .tokens
                .get(&key)
                .is_none_or(|known| known.request.created_ms <= entry.request.created_ms);
            if later {
                self.tokens.insert(key, Arc::clone(&entry));
            }
        }
        self.active += usize::from(!entry.status().is_settled());
        self.statements.insert(entry.request.id.clone(), entry);
    }
}

impl Filter {
    fn admits(&self, entry: &Entry) -> bool {
        let name = entry.request.name.as_deref().unwrap_or_default();
        entry.request.owner == self.owner
            && self
                .name_prefix
                .as_deref()
                .is_none_or(|prefix| name.starts_with(prefix))
            && self.status.is_none_or(|status| entry.status() == status)
            && entry.request.target.is_asked_for(
                self.cluster_identifier.as_deref(),
                self.workgroup_name.as_deref(),
                self.database.as_deref(),
            )
    }
}

fn is_within(request: &Request, now_ms: i64, span: Duration) -> bool {
    let age = u64::try_from(now_ms - request.created_ms).unwrap_or_default();
    Duration::from_millis(age) < span
}

#[cfg(test)]
mod tests;
