//! Runs statements in the background.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio_postgres::types::Type;

use super::execute::{Outcome, Work};
use super::{Entry, Mode, Progress, Registry, ResultStore, Sessions, Status};
use crate::postgres::{ConnectError, Database, Failure, Link, explain};
use crate::s3::ObjectStore;
use crate::sql::{Command, Transaction, plan};

/// Statements that run at a time; PostgreSQL takes 100 connections unless told otherwise.
const SLOTS: usize = 60;
/// How long a statement that was under way in a crash may take to end.
const RECOVERY: Duration = Duration::from_secs(10);

/// Runs statements.
pub(crate) struct Runner {
    pub(crate) registry: Registry,
    pub(crate) sessions: Sessions,
    pub(crate) results: ResultStore,
    pub(crate) database: Database,
    pub(crate) store: ObjectStore,
    slots: Semaphore,
}

/// How a run ended.
enum End {
    Finished,
    Failed(String),
    Aborted,
}

/// A run, and the transaction it has open.
struct Run<'a> {
    runner: &'a Runner,
    entry: &'a Entry,
    link: &'a Link,
    open: bool,
}

impl Runner {
    /// Puts the parts together; nothing runs yet.
    pub(crate) fn new(
        registry: Registry,
        results: ResultStore,
        database: Database,
        store: ObjectStore,
    ) -> Self {
        let slots = Semaphore::new(SLOTS);
        Self {
            registry,
            sessions: Sessions::default(),
            results,
            database,
            store,
            slots,
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

    /// Ends a statement that was taken but cannot run.
    pub(crate) fn refuse(&self, entry: &Entry, reason: &str) {
        self.settle(entry, End::Failed(format!("ERROR: {reason}")));
    }

    /// Finds out how statements ended that were under way when an earlier server stopped: their
    /// backends are stopped, and PostgreSQL knows whether a commit that had begun was reached.
    pub(crate) async fn recover(&self) -> Result<(), Failure> {
        let left = self.registry.unsettled();
        if left.is_empty() {
            return Ok(());
        }
        let refused = |error: &dyn std::fmt::Display| Failure::error(error);
        let link = self
            .database
            .admin("redshift")
            .await
            .map_err(|error| refused(&error))?;
        let labels: Vec<String> = left.iter().map(|entry| label(&entry.request.id)).collect();
        link.client
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
            let end = match entry.progress().committing {
                Some(transaction) if committed(&link, &transaction).await? => End::Finished,
                _ => End::Failed("ERROR: the server stopped while the statement ran".to_owned()),
            };
            self.settle(&entry, end);
        }
        Ok(())
    }

    async fn run(&self, entry: &Entry) {
        let Ok(_slot) = self.slots.acquire().await else {
            return;
        };
        let started = Instant::now();
        let end = if entry.cancel.is_asked() {
            self.leave_session(entry, None);
            End::Aborted
        } else {
            self.registry
                .update(entry, |progress| progress.status = Status::Picked);
            self.run_connected(entry).await
        };
        let duration = nanoseconds(started);
        self.registry
            .update(entry, |progress| progress.duration_ns = duration);
        self.settle(entry, end);
    }

    async fn run_connected(&self, entry: &Entry) -> End {
        let request = &entry.request;
        let link = match self.link(entry).await {
            Ok(link) => link,
            Err(error) => {
                self.leave_session(entry, None);
                return End::Failed(error.to_string());
            }
        };
        entry.cancel.watch(Some(link.client.cancel_token()));
        self.registry.update(entry, |progress| {
            progress.status = Status::Started;
            progress.pid = Some(link.pid);
        });
        let mut run = Run {
            runner: self,
            entry,
            link: &link,
            open: false,
        };
        let end = match request.mode {
            Mode::Transaction => run.together().await,
            Mode::AutoCommit => run.one_by_one().await,
        };
        entry.cancel.watch(None);
        self.leave_session(entry, Some(link));
        end
    }

    /// The session's connection, or a new one.
    async fn link(&self, entry: &Entry) -> Result<Link, ConnectError> {
        let request = &entry.request;
        if let Some(kept) = request
            .session
            .as_deref()
            .and_then(|id| self.sessions.take(id))
        {
            return Ok(kept);
        }
        let label = label(&request.id);
        self.database
            .connect(&request.target.database, &request.user, &label)
            .await
    }

    fn leave_session(&self, entry: &Entry, link: Option<Link>) {
        if let Some(session) = &entry.request.session {
            self.sessions.give_back(session, link);
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

impl Run<'_> {
    /// All parts in one transaction.
    async fn together(&mut self) -> End {
        for at in 0..self.entry.request.sqls.len() {
            if let Err(failure) = self.part(at).await {
                if self.open {
                    let _ = self.link.run("ROLLBACK").await;
                }
                return self.ended(at, failure);
            }
        }
        match self.commit().await {
            Ok(()) => End::Finished,
            Err(failure) => self.ended(self.entry.request.sqls.len() - 1, failure),
        }
    }

    /// Each part in a transaction of its own; the first failure is the batch's, and stops nothing.
    async fn one_by_one(&mut self) -> End {
        let mut first = None;
        for at in 0..self.entry.request.sqls.len() {
            let mut outcome = self.part(at).await;
            if outcome.is_ok() {
                outcome = self.commit().await;
            }
            let Err(failure) = outcome else { continue };
            if self.open {
                let _ = self.link.run("ROLLBACK").await;
                self.open = false;
            }
            self.change_part(at, |part| {
                part.status = Status::Failed;
                part.error = Some(failure.message.clone());
            });
            if failure.cancelled {
                return End::Aborted;
            }
            first.get_or_insert((at, failure));
        }
        match first {
            Some((at, failure)) => self.ended(at, failure),
            None => End::Finished,
        }
    }

    fn ended(&self, at: usize, failure: Failure) -> End {
        if failure.cancelled {
            return End::Aborted;
        }
        let message = failure.message;
        self.change_part(at, |part| part.error = Some(message.clone()));
        if self.entry.request.is_batch {
            End::Failed(format!("Query #{} failed with {message}", at + 1))
        } else {
            End::Failed(message)
        }
    }

    fn change_part(&self, at: usize, change: impl FnOnce(&mut super::Part)) {
        self.runner
            .registry
            .update(self.entry, |progress: &mut Progress| {
                if let Some(part) = progress.parts.get_mut(at) {
                    part.updated_ms = super::now_ms();
                    change(part);
                }
            });
    }

    async fn part(&mut self, at: usize) -> Result<(), Failure> {
        if self.entry.cancel.is_asked() {
            return Err(Failure {
                message: String::new(),
                cancelled: true,
            });
        }
        self.change_part(at, |part| part.status = Status::Started);
        let started = Instant::now();
        let outcome = self.execute(at).await;
        let duration = nanoseconds(started);
        self.change_part(at, |part| {
            part.duration_ns = duration;
            if let Ok(outcome) = outcome {
                part.status = Status::Finished;
                part.rows = outcome.rows;
                part.size = outcome.size;
                part.has_result = outcome.has_result;
            }
        });
        outcome.map(|_| ())
    }

    async fn execute(&mut self, at: usize) -> Result<Outcome, Failure> {
        let request = &self.entry.request;
        let plan = plan(&request.sqls[at], &request.parameters).map_err(Failure::error)?;
        if let Command::Begin | Command::Commit | Command::Rollback = plan.command {
            return self.control(&plan.command).await;
        }
        let alone = !request.is_batch || request.mode == Mode::AutoCommit;
        let in_session_transaction = self.link.block.load(Ordering::Relaxed);
        let wrap = match plan.transaction {
            Transaction::Outside(words) if !alone || in_session_transaction => {
                return Err(Failure::error(format!(
                    "{words} cannot run inside a transaction block"
                )));
            }
            Transaction::Outside(_) => false,
            // A procedure may commit, when nothing is open around it.
            Transaction::Procedure => !alone,
            Transaction::Inside | Transaction::Commits => true,
        };
        if wrap && !self.open && !in_session_transaction {
            self.link.run("BEGIN").await?;
            self.open = true;
        }
        let outcome = self.work(at).execute(&plan.command).await?;
        if plan.transaction == Transaction::Commits {
            if in_session_transaction {
                self.link.run("COMMIT").await?;
                self.link.block.store(false, Ordering::Relaxed);
            }
            self.commit().await?;
        }
        Ok(outcome)
    }

    fn work(&self, at: usize) -> Work<'_> {
        let query_id = self
            .entry
            .progress()
            .parts
            .get(at)
            .map_or(0, |part| part.query_id);
        Work {
            link: self.link,
            id: &self.entry.request.id,
            part: at,
            query_id,
            database_name: &self.entry.request.target.database,
            user_name: &self.entry.request.target.db_user,
            results: &self.runner.results,
            store: &self.runner.store,
            database: &self.runner.database,
            cancel: &self.entry.cancel,
        }
    }

    /// `BEGIN`, `COMMIT` and `ROLLBACK` mean something in a session alone: a batch is one
    /// transaction already, and a single statement's connection ends with it.
    async fn control(&mut self, command: &Command) -> Result<Outcome, Failure> {
        if self.entry.request.is_batch {
            return Err(Failure::error(
                "transaction control is not allowed in a batch",
            ));
        }
        self.link
            .run(match command {
                Command::Begin => "BEGIN",
                Command::Commit => "COMMIT",
                _ => "ROLLBACK",
            })
            .await?;
        self.link
            .block
            .store(*command == Command::Begin, Ordering::Relaxed);
        Ok(Outcome::default())
    }

    /// Commits, having noted the transaction first, so that a crash in between can be told apart.
    async fn commit(&mut self) -> Result<(), Failure> {
        if !self.open {
            return Ok(());
        }
        if self.entry.cancel.is_asked() {
            self.link.run("ROLLBACK").await?;
            self.open = false;
            return Err(Failure {
                message: String::new(),
                cancelled: true,
            });
        }
        let row = self
            .link
            .client
            .query_typed_one("SELECT pg_current_xact_id_if_assigned()::text", &[])
            .await
            .map_err(|error| explain(&error))?;
        let transaction: Option<String> = row.try_get(0).map_err(|error| explain(&error))?;
        if transaction.is_some() {
            let noted = transaction.clone();
            self.runner
                .registry
                .update(self.entry, |progress| progress.committing = noted);
        }
        self.open = false;
        let done = self.link.run("COMMIT").await;
        match (done, transaction) {
            (Err(failure), Some(transaction)) if self.link.client.is_closed() => {
                let asked = self.runner.database.admin("redshift").await;
                let link = asked.map_err(|_| failure.clone())?;
                if committed(&link, &transaction).await? {
                    Ok(())
                } else {
                    Err(failure)
                }
            }
            (done, _) => done,
        }
    }
}

/// Whether `transaction` reached its commit.
async fn committed(link: &Link, transaction: &str) -> Result<bool, Failure> {
    let row = link
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

/// How a backend is known: names of applications have at most 63 bytes.
fn label(id: &str) -> String {
    format!("redshift-data:{id}")
}

fn nanoseconds(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_nanos()).unwrap_or(i64::MAX)
}
