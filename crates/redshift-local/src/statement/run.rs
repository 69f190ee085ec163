//! Runs statements in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio_postgres::types::Type;

use super::script::{Completion, Script};
use super::{Entry, Mode, Registry, Request, ResultStore, Sessions, Status, now_ms};
use crate::postgres::{ConnectError, Connection, Database, Failure, explain};
use crate::s3::ObjectStore;

/// Maximum number of statements that run at the same time outside of sessions. With 500 sessions
/// and the catalog queries below, 580 of the 700 connections of a local PostgreSQL are used. The
/// rest is for the history of loads and for analysts' tools.
const MAX_RUNNING: usize = 60;
/// Maximum number of catalog queries that run at the same time.
const MAX_CATALOG_QUERIES: usize = 20;
/// Maximum time for the backends of an earlier server to stop.
const RECOVERY: Duration = Duration::from_secs(10);

pub(crate) struct Runner {
    pub(crate) registry: Registry,
    pub(crate) sessions: Sessions,
    pub(crate) results: ResultStore,
    pub(crate) database: Database,
    pub(crate) store: ObjectStore,
    /// Limits the catalog queries that run at the same time.
    pub(crate) catalog_queries: Semaphore,
    slots: Semaphore,
}

impl Runner {
    /// Creates a runner. Nothing runs yet.
    pub(crate) fn new(
        registry: Registry,
        results: ResultStore,
        database: Database,
        store: ObjectStore,
    ) -> Self {
        Self {
            registry,
            sessions: Sessions::default(),
            results,
            database,
            store,
            catalog_queries: Semaphore::new(MAX_CATALOG_QUERIES),
            slots: Semaphore::new(MAX_RUNNING),
        }
    }

    /// Runs `entry` in the background, independently of the caller.
    pub(crate) fn start(self: &Arc<Self>, entry: Arc<Entry>) {
        let runner = Arc::clone(self);
        tokio::spawn(async move {
            let (inner, running) = (Arc::clone(&runner), Arc::clone(&entry));
            if tokio::spawn(async move { inner.run(&running).await })
                .await
                .is_err()
            {
                runner.settle(
                    &entry,
                    Completion::Failed("ERROR: internal error".to_owned()),
                );
            }
        });
    }

    /// Finds out how the statements ended that were running when an earlier server stopped. Stops
    /// their backends, then asks PostgreSQL whether a started commit was completed. Idempotent.
    ///
    /// # Errors
    ///
    /// Returns [`Failure`] if PostgreSQL cannot be asked.
    pub(crate) async fn recover(&self) -> Result<(), Failure> {
        let left = self.registry.unsettled();
        if left.is_empty() {
            return Ok(());
        }
        let refused = |error: &dyn std::fmt::Display| Failure::error(error);
        let connection = self
            .database
            .admin("redshift")
            .await
            .map_err(|error| refused(&error))?;
        let labels: Vec<String> = left.iter().map(|entry| label(&entry.request)).collect();
        connection
            .client
            .query_typed(
                "SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity \
                 WHERE application_name = ANY ($1)",
                &[
                    (&labels, Type::TEXT_ARRAY),
                    (
                        &i64::try_from(RECOVERY.as_millis()).unwrap_or(i64::MAX),
                        Type::INT8,
                    ),
                ],
            )
            .await
            .map_err(|error| explain(&error))?;
        for entry in left {
            let progress = entry.progress();
            let end = match progress.last_commit() {
                Some(transaction) if committed(&connection, transaction).await? => {
                    Completion::Finished
                }
                _ => Completion::Failed(
                    "ERROR: the server stopped while the statement ran".to_owned(),
                ),
            };
            self.settle(&entry, end);
        }
        Ok(())
    }

    /// Runs a request to its end. A session has a connection already and does not wait for a free
    /// slot, so its `COMMIT` gets past statements that wait for its locks.
    async fn run(&self, entry: &Entry) {
        let kept = entry.request.session.as_deref();
        let kept = kept.and_then(|id| self.sessions.take(id));
        let _slot = match kept {
            Some(_) => None,
            None => self.slots.acquire().await.ok(),
        };
        let started = Instant::now();
        let end = if entry.cancel.is_requested() {
            self.release_session(entry, kept);
            Completion::Aborted
        } else {
            self.registry
                .update(entry, |progress| progress.status = Status::Picked);
            self.run_connected(entry, kept).await
        };
        let duration = nanoseconds(started);
        self.registry
            .update(entry, |progress| progress.duration_ns = duration);
        self.settle(entry, end);
    }

    async fn run_connected(&self, entry: &Entry, kept: Option<Connection>) -> Completion {
        let request = &entry.request;
        let connected = match kept {
            Some(connection) => Ok(connection),
            None => self.connect(request).await,
        };
        let connection = match connected {
            Ok(connection) => connection,
            Err(error) => {
                self.release_session(entry, None);
                return Completion::Failed(error.to_string());
            }
        };
        entry
            .cancel
            .set_backend(Some(connection.client.cancel_token()));
        self.registry.update(entry, |progress| {
            progress.status = Status::Started;
            progress.pid = Some(connection.pid);
        });
        let mut script = Script {
            runner: self,
            entry,
            connection: &connection,
            open: false,
        };
        let end = match request.mode {
            Mode::Transaction => script.run_as_transaction().await,
            Mode::AutoCommit => script.run_auto_commit().await,
        };
        entry.cancel.set_backend(None);
        self.release_session(entry, Some(connection));
        end
    }

    /// Cancels the statements of sessions that exceed the maximum age, which closes these sessions.
    pub(crate) fn end_old_sessions(&self) {
        let overdue = self.sessions.overdue(now_ms());
        for entry in overdue.iter().filter_map(|id| self.registry.get(id)) {
            entry.cancel.request();
        }
    }

    async fn connect(&self, request: &Request) -> Result<Connection, ConnectError> {
        let label = label(request);
        self.database
            .connect(&request.target.database, &request.user, &label)
            .await
    }

    fn release_session(&self, entry: &Entry, connection: Option<Connection>) {
        if let Some(session) = &entry.request.session {
            self.sessions.release(session, connection);
        }
    }

    fn settle(&self, entry: &Entry, end: Completion) {
        let (status, error) = match end {
            Completion::Finished => (Status::Finished, None),
            Completion::Failed(error) => (Status::Failed, Some(error)),
            Completion::Aborted => (Status::Aborted, None),
        };
        self.registry
            .update(entry, |progress| progress.settle(status, error));
    }
}

/// Returns whether `transaction` was committed.
pub(super) async fn committed(connection: &Connection, transaction: &str) -> Result<bool, Failure> {
    let row = connection
        .client
        .query_typed_one(
            "SELECT pg_xact_status($1::text::xid8)",
            &[(&transaction, Type::TEXT)],
        )
        .await
        .map_err(|error| explain(&error))?;
    let status: Option<String> = row.try_get(0).map_err(|error| explain(&error))?;
    Ok(status.as_deref() == Some("committed"))
}

/// Returns the application name of the backend of a statement or a session. PostgreSQL limits it to
/// 63 bytes.
fn label(request: &Request) -> String {
    format!(
        "redshift-data:{}",
        request.session.as_ref().unwrap_or(&request.id)
    )
}

/// Returns the nanoseconds since `since`.
pub(super) fn nanoseconds(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_nanos()).unwrap_or(i64::MAX)
}
