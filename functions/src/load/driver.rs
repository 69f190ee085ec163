//! Executes the steps of one load.

use std::time::Duration;

use backoff::Backoff;
use time::OffsetDateTime;
use warehouse::load::{
    Attempt, CheckReason, End, Inspection, Load, Observed, Step, decide, transaction,
};
use warehouse::{Failure, StatementId, WarehouseError};

use super::error::LoadError;
use super::loader::Loader;
use super::ports::{RunLoads, TrackLoads};
use crate::ports::{Clock, PutObject};

/// The longest pause before the second attempt; it doubles before each further one.
const PAUSE: Duration = Duration::from_millis(500);

impl<W: RunLoads, R: TrackLoads, B: PutObject, C: Clock, M> Loader<W, R, B, C, M> {
    /// Executes the steps of `load` until it ends or `until` has passed. After that no statement is submitted and
    /// nothing is queried.
    ///
    /// Can be cancelled at any point and run again, by any loader; the result is the same.
    pub(super) async fn drive(&self, load: &Load, until: OffsetDateTime) -> Result<End, LoadError> {
        let id = load.id();
        let mut step = Step::ReadState { failed: 0 };
        loop {
            tracing::debug!(load = %id, ?step, "next step");
            let seen = match step {
                Step::End(end) => return Ok(end),
                Step::Submit(_) | Step::ReadLedger(..) | Step::Inspect(..)
                    if self.left(until).is_zero() =>
                {
                    Observed::OutOfTime
                }
                Step::ReadState { failed } => Observed::StateRead {
                    failed,
                    state: self.load_table.read(id).await?,
                },
                Step::Claim => {
                    Observed::Claimed(self.load_table.claim(load, self.clock.now()).await?)
                }
                Step::Submit(this) => {
                    Observed::Submitted(this, self.submit(load, this, until).await?)
                }
                Step::RecordStatement(this, statement) => {
                    let written = self
                        .load_table
                        .record_statement(id, this.attempt, &statement)
                        .await?;
                    Observed::Recorded(this, statement, written)
                }
                Step::Wait(this, statement) => {
                    let left = self.left(until);
                    Observed::Waited(this, self.warehouse.wait(&statement, left).await?)
                }
                Step::ReadLedger(this, reason) => self.ask(load, this, reason, until).await?,
                Step::Inspect(this, failure) => self.inspect(load, this, failure, until).await?,
                Step::Advance(this, then) => {
                    let written = self
                        .load_table
                        .begin_next_attempt(id, this.attempt, self.clock.now())
                        .await?;
                    Observed::Advanced(this, then, written)
                }
                Step::MarkDone(row) => {
                    self.load_table.close(id).await?;
                    Observed::MarkedDone(row)
                }
            };
            step = decide(seen);
        }
    }

    async fn ask(
        &self,
        load: &Load,
        this: Attempt,
        reason: CheckReason,
        until: OffsetDateTime,
    ) -> Result<Observed, LoadError> {
        let asked = in_time(self.warehouse.ask(load, self.left(until)).await)?;
        Ok(asked.map_or(Observed::OutOfTime, |asked| {
            Observed::LedgerRead(this, reason, asked)
        }))
    }

    async fn inspect(
        &self,
        load: &Load,
        this: Attempt,
        failure: Failure,
        until: OffsetDateTime,
    ) -> Result<Observed, LoadError> {
        let asked = match failure.taken_at {
            Some(since) => {
                let role = &self.copy_role_arn;
                let errors = self.warehouse.inspect(load, role, since, self.left(until));
                in_time(errors.await)?
            }
            None => Some(Vec::new()),
        };
        let files = load.files().clone();
        Ok(asked.map_or(Observed::OutOfTime, |errors| {
            Observed::Inspected(this, failure, Inspection { errors, files })
        }))
    }

    /// Writes the manifest, then submits the statement that reads it. The same load has the same manifest.
    async fn submit(
        &self,
        load: &Load,
        this: Attempt,
        until: OffsetDateTime,
    ) -> Result<StatementId, LoadError> {
        let delays = Backoff::new(PAUSE, Duration::MAX).take(this.failed as usize);
        if let Some(delay) = delays.last() {
            self.clock.pause(delay).await;
        }
        let manifest = load.manifest().as_bytes().to_vec();
        self.staging
            .put_object(&load.manifest_key(), manifest)
            .await?;
        let attempt = transaction(load, this.attempt, &self.copy_role_arn)?;
        Ok(self.warehouse.submit(&attempt, self.left(until)).await?)
    }
}

impl<W, R, B, C: Clock, M> Loader<W, R, B, C, M> {
    /// Returns the time left.
    pub(super) fn left(&self, until: OffsetDateTime) -> Duration {
        (until - self.clock.now()).try_into().unwrap_or_default()
    }
}

/// Returns the answer, or `None` if it did not arrive in time.
pub(super) fn in_time<T>(answer: Result<T, WarehouseError>) -> Result<Option<T>, LoadError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(WarehouseError::StillRunning { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
