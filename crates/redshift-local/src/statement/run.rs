//! Runs statements in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio_postgres::types::Type;

use super::script::{End, Script};
use super::{Entry, Mode, Registry, Request, ResultStore, Sessions, Status, now_ms};
use crate::postgres::{ConnectError, Connection, Database, Failure, explain};
use crate::s3::ObjectStore;

/// Statements that run at a time on connections of their own. With those of 500 sessions and the
/// catalog queries below, 580 of the 700 that a local PostgreSQL takes; the rest is for what `COPY` notes
/// beside its transaction, and for analysts' tools.
const SLOTS: usize = 60;
/// Questions that may be asked of the catalog at a time.
const MOST_CATALOG_QUERIES: usize = 20;
/// How long a statement that was under way in a crash may take to end.
const RECOVERY: Duration = Duration::from_secs(10);

/// Runs statements.
pub(crate) struct Runner {
    pub(crate) registry: Registry,
    pub(crate) sessions: Sessions,
    pub(crate) results: ResultStore,
    pub(crate) database: Database,
    pub(crate) store: ObjectStore,
    /// For those who ask the catalog.
    pub(crate) catalog_queries: Semaphore,
    slots: Semaphore,
}

impl Runner {
    /// Puts the parts together; nothing runs yet.
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
            catalog_queries: Semaphore::new(MOST_CATALOG_QUERIES),
            slots: Semaphore::new(SLOTS),
        }
    }

    /// Runs `entry` in the background, whatever becomes of the caller.
    pub(crate) fn start(self: &Arc<Self>, entry: Arc<Entry>) {
        let runner = Arc::clone(self);
        tokio::spawn(async move {
            let (inner, running) = (Arc::clone(&runner), Arc::clone(&entry));
            if tokio::spawn(async move { inner.run(&running).await })
                .await
                .is_err()
            {
                runner.settle(&entry, End::Failed("ERROR: internal error".to_owned()));
            }
        });
    }

    /// Finds out how statements ended that were under way when an earlier server stopped: their
    /// backends are stopped, and PostgreSQL knows whether a commit that had begun was reached.
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
                Some(transaction) if committed(&connection, transaction).await? => End::Finished,
                _ => End::Failed("ERROR: the server stopped while the statement ran".to_owned()),
            };
            self.settle(&entry, end);
        }
        Ok(())
    }

    /// A session's connection is there already: what runs on it waits for no turn, so a `COMMIT`
    /// gets past those who wait for its locks.
    async fn run(&self, entry: &Entry) {
        let kept = entry.request.session.as_deref();
        let kept = kept.and_then(|id| self.sessions.take(id));
        let _slot = match kept {
            Some(_) => None,
            None => self.slots.acquire().await.ok(),
        };
        let started = Instant::now();
        let end = if entry.cancel.is_requested() {
            self.leave_session(entry, kept);
            End::Aborted
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

    async fn run_connected(&self, entry: &Entry, kept: Option<Connection>) -> End {
        let request = &entry.request;
        let connected = match kept {
            Some(connection) => Ok(connection),
            None => self.connect(request).await,
        };
        let connection = match connected {
            Ok(connection) => connection,
            Err(error) => {
                self.leave_session(entry, None);
                return End::Failed(error.to_string());
            }
        };
        entry.cancel.watch(Some(connection.client.cancel_token()));
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
            Mode::Transaction => script.together().await,
            Mode::AutoCommit => script.one_by_one().await,
        };
        entry.cancel.watch(None);
        self.leave_session(entry, Some(connection));
        end
    }

    /// Stops what sessions run that are a day old; they are closed with it.
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

    fn leave_session(&self, entry: &Entry, connection: Option<Connection>) {
        if let Some(session) = &entry.request.session {
            self.sessions.give_back(session, connection);
        }
    }

    fn settle(&self, entry: &Entry, end: End) {
        let (status, error) = match end {
            End::Finished => (Status::Finished, None),
            End::Failed(error) => (Status::Failed, Some(error)),
            End::Aborted => (Status::Aborted, None),
        };
        self.registry
            .update(entry, |progress| progress.settle(status, error));
    }
}

/// Whether `transaction` reached its commit.
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

/// How a backend is known, which serves a statement or a session. Names of applications have at
/// most 63 bytes.
fn label(request: &Request) -> String {
    format!(
        "redshift-data:{}",
        request.session.as_ref().unwrap_or(&request.id)
    )
}

/// How long ago that was.
pub(super) fn nanoseconds(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_nanos()).unwrap_or(i64::MAX)
}
