//! Runs the statements of one request, with their transactions.

use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio_postgres::error::SqlState;

use super::execute::{Execution, Outcome};
use super::run::{committed, nanoseconds};
use super::{Entry, Mode, Progress, Runner, Status};
use crate::postgres::{Connection, Failure, explain};
use crate::sql::{Command, Transaction, plan};

/// Result of a request.
pub(super) enum Completion {
    Finished,
    Failed(String),
    Aborted,
}

/// The statements of one request, on their connection.
pub(super) struct Script<'a> {
    pub(super) runner: &'a Runner,
    pub(super) entry: &'a Entry,
    pub(super) connection: &'a Connection,
    /// Whether this script has opened a transaction that is still open.
    pub(super) open: bool,
}

impl Script<'_> {
    /// Runs all statements in one transaction.
    pub(super) async fn run_as_transaction(&mut self) -> Completion {
        for at in 0..self.entry.request.sqls.len() {
            if let Err(failure) = self.part(at).await {
                self.roll_back(&failure).await;
                return self.ended(at, failure);
            }
        }
        match self.commit().await {
            Ok(()) => Completion::Finished,
            Err(failure) => {
                self.roll_back(&failure).await;
                self.ended(self.entry.request.sqls.len() - 1, failure)
            }
        }
    }

    /// Runs each statement in a transaction of its own. A failure does not stop the others; the
    /// first one is the error of the batch.
    pub(super) async fn run_auto_commit(&mut self) -> Completion {
        let mut first = None;
        for at in 0..self.entry.request.sqls.len() {
            let mut outcome = self.part(at).await;
            if outcome.is_ok() {
                outcome = self.commit().await;
            }
            let Err(failure) = outcome else { continue };
            self.roll_back(&failure).await;
            if failure.cancelled {
                self.change_part(at, |part| part.status = Status::Aborted);
                return Completion::Aborted;
            }
            self.change_part(at, |part| {
                part.status = Status::Failed;
                part.error = Some(failure.message.clone());
            });
            first.get_or_insert((at, failure));
        }
        match first {
            Some((at, failure)) => self.ended(at, failure),
            None => Completion::Finished,
        }
    }

    /// Rolls back the open transaction. A repeated cancel request must not interrupt the rollback.
    async fn roll_back(&mut self, failure: &Failure) {
        if failure.cancelled {
            self.entry.cancel.set_backend(None);
        }
        if std::mem::take(&mut self.open) {
            let _ = self.connection.run("ROLLBACK").await;
        }
    }

    fn ended(&self, at: usize, failure: Failure) -> Completion {
        if failure.cancelled {
            return Completion::Aborted;
        }
        let message = failure.message;
        self.change_part(at, |part| part.error = Some(message.clone()));
        if self.entry.request.is_batch {
            Completion::Failed(format!("Query #{} failed with {message}", at + 1))
        } else {
            Completion::Failed(message)
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
        self.check_cancelled()?;
        self.runner
            .registry
            .update(self.entry, |progress| progress.committing = None);
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
        if let Command::Begin { .. } | Command::Commit | Command::Rollback = plan.command {
            return self.control(&plan.command).await;
        }
        let alone = !request.is_batch || request.mode == Mode::AutoCommit;
        let in_session_transaction = self.connection.block.load(Ordering::Relaxed);
        let wrap = match plan.transaction {
            Transaction::Outside(words) if !alone || in_session_transaction => {
                return Err(Failure::error(format!(
                    "{words} cannot run inside a transaction block"
                )));
            }
            Transaction::Outside(_) => false,
            // A procedure may commit if it is not inside a transaction.
            Transaction::Procedure => !alone,
            Transaction::Inside | Transaction::Commits => true,
        };
        if wrap && !self.open && !in_session_transaction {
            self.connection.run("BEGIN").await?;
            self.open = true;
        }
        let outcome = self.work(at).execute(&plan.command).await?;
        if plan.transaction == Transaction::Commits {
            if in_session_transaction {
                self.commit_session().await?;
                self.connection.block.store(false, Ordering::Relaxed);
            }
            self.commit().await?;
        }
        Ok(outcome)
    }

    fn work(&self, at: usize) -> Execution<'_> {
        let query_id = self
            .entry
            .progress()
            .parts
            .get(at)
            .map_or(0, |part| part.query_id);
        Execution {
            connection: self.connection,
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

    /// Runs `BEGIN`, `COMMIT` or `ROLLBACK`. They have a purpose in a session only: a batch is one
    /// transaction, and the connection of a single statement ends with it.
    async fn control(&mut self, command: &Command) -> Result<Outcome, Failure> {
        if self.entry.request.is_batch {
            return Err(Failure::error(
                "transaction control is not allowed in a batch; use a session",
            ));
        }
        match command {
            Command::Commit if self.connection.block.load(Ordering::Relaxed) => {
                self.commit_session().await?;
            }
            Command::Begin { read_only: true } => self.connection.run("BEGIN READ ONLY").await?,
            Command::Begin { read_only: false } => self.connection.run("BEGIN").await?,
            Command::Commit => self.connection.run("COMMIT").await?,
            _ => self.connection.run("ROLLBACK").await?,
        }
        let opened = matches!(command, Command::Begin { .. });
        self.connection.block.store(opened, Ordering::Relaxed);
        Ok(Outcome::default())
    }

    /// Commits the transaction of a session. After an error in it, `COMMIT` only rolls it back.
    async fn commit_session(&self) -> Result<(), Failure> {
        match self.record_commit().await {
            Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
                self.connection.run("COMMIT").await
            }
            Err(error) => Err(explain(&error)),
            Ok(transaction) => self.commit_recorded(transaction).await,
        }
    }

    /// Commits the transaction that this script has opened.
    async fn commit(&mut self) -> Result<(), Failure> {
        if !self.open {
            return Ok(());
        }
        self.check_cancelled()?;
        let transaction = self
            .record_commit()
            .await
            .map_err(|error| explain(&error))?;
        self.open = false;
        self.commit_recorded(transaction).await
    }

    fn check_cancelled(&self) -> Result<(), Failure> {
        if self.entry.cancel.is_requested() {
            return Err(Failure {
                message: String::new(),
                cancelled: true,
            });
        }
        Ok(())
    }

    /// Records the transaction that is about to be committed, if it has changed anything, so that
    /// the outcome can be found after a crash.
    async fn record_commit(&self) -> Result<Option<String>, tokio_postgres::Error> {
        let row = self
            .connection
            .client
            .query_typed_one("SELECT pg_current_xact_id_if_assigned()::text", &[])
            .await?;
        let transaction: Option<String> = row.try_get(0)?;
        if transaction.is_some() {
            let recorded = transaction.clone();
            self.runner
                .registry
                .update(self.entry, |progress| progress.committing = recorded);
        }
        Ok(transaction)
    }

    /// Commits `transaction`. If the connection fails, asks PostgreSQL whether the commit was
    /// completed.
    async fn commit_recorded(&self, transaction: Option<String>) -> Result<(), Failure> {
        let done = self.connection.run("COMMIT").await;
        match (done, transaction) {
            (Err(failure), Some(transaction)) if self.connection.client.is_closed() => {
                let asked = self.runner.database.admin("redshift").await;
                let connection = asked.map_err(|_| failure.clone())?;
                if committed(&connection, &transaction).await? {
                    Ok(())
                } else {
                    Err(failure)
                }
            }
            (done, _) => done,
        }
    }
}
