//! Statements of the last 24 hours and client tokens of the last 8.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use super::journal::Journal;
use super::{Entry, Progress, Request, SessionError, Status, now_ms};

/// Maximum number of active statements.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
const MAX_ACTIVE: usize = 500;
/// Retention of statements and results.
const RETENTION: Duration = Duration::from_hours(24);
/// Retention of client tokens.
const TOKEN_RETENTION: Duration = Duration::from_hours(8);

/// Result of a submission.
pub(crate) enum Submission {
    /// A new statement, which must be run.
    New(Arc<Entry>),
    /// The statement that was submitted earlier with the same client token.
    Known(Arc<Entry>),
}

/// Error in submitting a statement.
#[derive(Debug, Error)]
pub(crate) enum SubmitError {
    /// The session does not accept it.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Too many statements are active.
    #[error("the number of active statements exceeds the limit of {MAX_ACTIVE}")]
    TooMany,
    /// The journal could not be written, so a restart would lose the statement.
    #[error("the statement could not be written to the journal")]
    Journal(#[source] io::Error),
}

/// Filter of a list. A missing value matches everything.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) owner: String,
    pub(crate) name_prefix: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) database: Option<String>,
}

/// Statements and client tokens.
pub(crate) struct Registry {
    state: Mutex<State>,
    query_ids: AtomicI64,
}

struct State {
    journal: Journal,
    statements: HashMap<String, Arc<Entry>>,
    tokens: HashMap<(String, String), Arc<Entry>>,
    /// Number of statements that have not ended.
    active: usize,
}

impl Registry {
    /// Reads the journal in `directory`. Statements that were running keep their status until
    /// [`super::Runner::recover`] finds out how they ended.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let now = now_ms();
        let (journal, found) =
            Journal::open(directory, |request, _| is_within(request, now, RETENTION))?;
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

    /// Registers `request`, or returns the statement with the same client token. Idempotent:
    /// requests with the same token get the same statement, even if they arrive at the same time.
    /// The statement is in the journal when this returns. `enter` joins the session; it is called last,
    /// and if it fails nothing is registered.
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
        if state.active >= MAX_ACTIVE {
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

    /// Returns the statement that `owner` submitted with `token`, within the token's retention.
    pub(crate) fn by_token(&self, owner: &str, token: &str) -> Option<Arc<Entry>> {
        self.lock().by_token(owner, token)
    }

    /// Returns the statement with this id, within its retention.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Entry>> {
        let entry = self.lock().statements.get(id).cloned()?;
        is_within(&entry.request, now_ms(), RETENTION).then_some(entry)
    }

    /// Changes the progress of `entry`, notifies waiting requests, and writes the journal if a
    /// restart needs the change.
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
            tracing::error!(%error, id = entry.request.id, "could not write a statement's progress to the journal");
        }
    }

    /// Returns the statements that match `filter`, the latest first.
    pub(crate) fn list(&self, filter: &Filter) -> Vec<Arc<Entry>> {
        let now = now_ms();
        let mut found: Vec<_> = self.lock().statements.values().cloned().collect();
        found.retain(|entry| is_within(&entry.request, now, RETENTION) && filter.matches(entry));
        found.sort_by(|a, b| {
            (b.request.created_ms, &b.request.id).cmp(&(a.request.created_ms, &a.request.id))
        });
        found
    }

    /// Returns the statements that have not ended.
    pub(crate) fn unsettled(&self) -> Vec<Arc<Entry>> {
        let mut found: Vec<_> = self.lock().statements.values().cloned().collect();
        found.retain(|entry| !entry.status().is_settled());
        found
    }

    /// Returns whether the statement is registered, even if its retention has passed.
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.lock().statements.contains_key(id)
    }

    /// Removes statements and tokens after their retention, from the journal too.
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
            is_within(&entry.request, now, RETENTION) || !entry.status().is_settled()
        });
        tokens.retain(|_, entry| is_within(&entry.request, now, TOKEN_RETENTION));
        let left = statements.values();
        let left = left.map(|entry| (entry.request.clone(), entry.progress()));
        if let Err(error) = journal.compact(left) {
            tracing::error!(%error, "could not compact the journal");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn by_token(&self, owner: &str, token: &str) -> Option<Arc<Entry>> {
        let known = self.tokens.get(&(owner.to_owned(), token.to_owned()))?;
        is_within(&known.request, now_ms(), TOKEN_RETENTION).then(|| Arc::clone(known))
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
    fn matches(&self, entry: &Entry) -> bool {
        let name = entry.request.name.as_deref().unwrap_or_default();
        entry.request.owner == self.owner
            && self
                .name_prefix
                .as_deref()
                .is_none_or(|prefix| name.starts_with(prefix))
            && self.status.is_none_or(|status| entry.status() == status)
            && entry.request.target.matches(
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
