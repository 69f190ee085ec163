//! Sessions: connections that outlive a statement.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-session-reuse.html>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use super::{Target, now_ms};
use crate::postgres::{Connection, User};

/// Maximum number of open sessions.
const MAX_SESSIONS: usize = 500;
/// Maximum age of a session, after which it is closed even if it is in use. A closed session is
/// removed after the same time.
const LONGEST_MS: i64 = 24 * 60 * 60 * 1000;

/// Status of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SessionState {
    /// Waits for a statement.
    Available,
    /// Runs a statement.
    Busy,
    Closed,
}

/// Error in the use of a session.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    /// The session does not exist, is closed, or belongs to another caller.
    #[error("Session does not exist or has expired: {0}")]
    Unknown(String),
    /// The session runs a statement; sessions do not queue statements.
    #[error("Session is busy with another statement: {0}")]
    Busy(String),
    /// Too many sessions are open.
    #[error("the number of active sessions exceeds the limit of {MAX_SESSIONS}")]
    TooMany,
}

/// A session without its connection.
#[derive(Clone, Debug)]
pub(crate) struct SessionView {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) target: Target,
    pub(crate) user: User,
    pub(crate) state: SessionState,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) keep_alive_s: u32,
    /// Id of the running statement.
    pub(crate) statement: Option<String>,
}

struct Session {
    view: SessionView,
    connection: Option<Connection>,
}

/// All sessions.
#[derive(Clone, Default)]
pub(crate) struct Sessions {
    open: Arc<Mutex<HashMap<String, Session>>>,
}

impl Sessions {
    /// Adds a session that runs its first statement.
    pub(crate) fn open(&self, view: SessionView) -> Result<(), SessionError> {
        let mut open = self.lock();
        let active = open
            .values()
            .filter(|session| session.view.state != SessionState::Closed);
        if active.count() >= MAX_SESSIONS {
            return Err(SessionError::TooMany);
        }
        open.insert(
            view.id.clone(),
            Session {
                view,
                connection: None,
            },
        );
        Ok(())
    }

    /// Returns the session if it belongs to `owner` and is not closed.
    pub(crate) fn find(&self, id: &str, owner: &str) -> Result<SessionView, SessionError> {
        let open = self.lock();
        open.get(id)
            .filter(|session| session.view.is_open_to(owner))
            .map(|session| session.view.clone())
            .ok_or_else(|| SessionError::Unknown(id.to_owned()))
    }

    /// Marks the session as busy with `statement`. A second statement is refused until
    /// [`Self::release`]. A keep-alive of 0 keeps the former one.
    pub(crate) fn claim(
        &self,
        id: &str,
        owner: &str,
        statement: &str,
        keep_alive_s: u32,
    ) -> Result<(), SessionError> {
        let mut open = self.lock();
        let session = open
            .get_mut(id)
            .filter(|session| session.view.is_open_to(owner))
            .ok_or_else(|| SessionError::Unknown(id.to_owned()))?;
        if session.view.state == SessionState::Busy {
            return Err(SessionError::Busy(id.to_owned()));
        }
        session.view.state = SessionState::Busy;
        session.view.statement = Some(statement.to_owned());
        session.view.updated_ms = now_ms();
        if keep_alive_s > 0 {
            session.view.keep_alive_s = keep_alive_s;
        }
        Ok(())
    }

    /// Takes the connection of a busy session. A new session has none yet.
    pub(crate) fn take(&self, id: &str) -> Option<Connection> {
        self.lock().get_mut(id)?.connection.take()
    }

    /// Ends the session's statement. Without a connection the session is closed; otherwise it stays
    /// available until its keep-alive ends.
    pub(crate) fn release(&self, id: &str, connection: Option<Connection>) {
        let mut open = self.lock();
        let Some(session) = open.get_mut(id) else {
            return;
        };
        let now = now_ms();
        session.view.statement = None;
        session.view.updated_ms = now;
        let left = u64::try_from(session.view.ends_ms() - now).unwrap_or_default();
        session.connection =
            connection.filter(|connection| left > 0 && !connection.client.is_closed());
        if session.connection.is_none() {
            session.view.state = SessionState::Closed;
            return;
        }
        session.view.state = SessionState::Available;
        drop(open);
        let (sessions, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(left)).await;
            sessions.expire(&id, now);
        });
    }

    /// Returns the running statements of sessions that exceed the maximum age.
    pub(crate) fn overdue(&self, now_ms: i64) -> Vec<String> {
        let open = self.lock();
        let old = open
            .values()
            .filter(|session| now_ms >= session.view.created_ms + LONGEST_MS);
        old.filter_map(|session| session.view.statement.clone())
            .collect()
    }

    /// Removes sessions that were closed a day ago.
    pub(crate) fn forget_old(&self, now_ms: i64) {
        self.lock().retain(|_, Session { view, .. }| {
            view.state != SessionState::Closed || now_ms < view.updated_ms + LONGEST_MS
        });
    }

    /// Returns all sessions of `owner`, the latest first.
    pub(crate) fn list(&self, owner: &str) -> Vec<SessionView> {
        let mut found: Vec<_> = self
            .lock()
            .values()
            .map(|session| session.view.clone())
            .filter(|view| view.owner == owner)
            .collect();
        found.sort_by(|a, b| (b.created_ms, &b.id).cmp(&(a.created_ms, &a.id)));
        found
    }

    /// Closes the session if it was not used since `updated_ms`.
    fn expire(&self, id: &str, updated_ms: i64) {
        let mut open = self.lock();
        let Some(session) = open.get_mut(id) else {
            return;
        };
        if session.view.state == SessionState::Available && session.view.updated_ms == updated_ms {
            session.view.state = SessionState::Closed;
            session.view.updated_ms = now_ms();
            session.connection = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionView {
    fn is_open_to(&self, owner: &str) -> bool {
        self.owner == owner && self.state != SessionState::Closed
    }

    /// Returns when the session expires, in milliseconds since 1970.
    pub(crate) fn ends_ms(&self) -> i64 {
        let kept = self.updated_ms + i64::from(self.keep_alive_s) * 1000;
        kept.min(self.created_ms + LONGEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request;
    use super::*;

    fn view(created_ms: i64, keep_alive_s: u32) -> SessionView {
        SessionView {
            id: "s".to_owned(),
            owner: "root".to_owned(),
            target: Request::sample("q").target,
            user: User::Admin,
            state: SessionState::Busy,
            created_ms,
            updated_ms: created_ms,
            keep_alive_s,
            statement: Some("q".to_owned()),
        }
    }

    #[test]
    fn a_session_expires_a_day_after_its_start_despite_its_keep_alive() {
        let mut session = view(0, 60);
        assert_eq!(session.ends_ms(), 60_000);
        session.updated_ms = LONGEST_MS - 1_000;
        assert_eq!(session.ends_ms(), LONGEST_MS);
    }

    #[test]
    fn running_statements_of_old_sessions_are_listed() {
        let sessions = Sessions::default();
        sessions.open(view(0, 60)).unwrap();
        assert!(sessions.overdue(LONGEST_MS - 1).is_empty());
        assert_eq!(sessions.overdue(LONGEST_MS), ["q"]);
    }

    #[test]
    fn a_closed_session_is_removed_after_a_day_and_an_open_one_is_not() {
        let sessions = Sessions::default();
        sessions.open(view(now_ms(), 60)).unwrap();
        sessions.forget_old(now_ms() + 2 * LONGEST_MS);
        assert_eq!(sessions.list("root").len(), 1);
        sessions.release("s", None);
        sessions.forget_old(now_ms());
        assert_eq!(sessions.list("root").len(), 1);
        sessions.forget_old(now_ms() + LONGEST_MS);
        assert!(sessions.list("root").is_empty());
    }
}
