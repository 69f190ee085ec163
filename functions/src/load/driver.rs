//! Takes one load through its steps.

use std::time::Duration;

use time::OffsetDateTime;
use warehouse::load::{Blame, End, Load, Seen, Step, Try, decide, transaction};
use warehouse::{Outcome, StatementId};

use super::error::LoadError;
use super::loader::Loader;
use super::ports::{RememberLoads, RunLoads};
use crate::ports::{Clock, PutObject};

/// The longest pause before a second attempt; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(500);

impl<W: RunLoads, R: RememberLoads, B: PutObject, C: Clock, M> Loader<W, R, B, C, M> {
    /// Drives `load` to an end, waiting for its statement until `until`.
    ///
    /// Dropped at any point and driven again, by whomever, it comes to the same end.
    pub(super) async fn drive(&self, load: &Load, until: OffsetDateTime) -> Result<End, LoadError> {
        let id = load.id();
        let mut step = Step::Recall { failed: 0 };
        loop {
            tracing::debug!(load = %id, ?step, "next step");
            let seen = match step {
                Step::End(end) => return Ok(end),
                Step::Recall { failed } => Seen::Recalled {
                    failed,
                    memory: self.memory.recall(id).await?,
                },
                Step::Claim => Seen::Claimed(self.memory.claim(load).await?),
                Step::Submit(this) => Seen::Submitted(this, self.submit(load, this).await?),
                Step::Note(this, statement) => {
                    let written = self.memory.note(id, this.attempt, &statement).await?;
                    Seen::Noted(this, statement, written)
                }
                Step::Wait(this, statement) => {
                    Seen::Waited(this, self.wait(&statement, until).await?)
                }
                Step::Ask(this, doubt) => Seen::Asked(this, doubt, self.warehouse.ask(load).await?),
                Step::Blame(this, failure) => {
                    let errors = self.warehouse.file_errors(load).await?;
                    Seen::Blamed(
                        this,
                        failure,
                        Blame {
                            errors,
                            files: load.files().clone(),
                        },
                    )
                }
                Step::Raise(this, then) => {
                    let written = self.memory.raise(id, this.attempt).await?;
                    Seen::Raised(this, then, written)
                }
                Step::Close(row) => {
                    self.memory.close(id).await?;
                    Seen::Closed(row)
                }
            };
            step = decide(seen);
        }
    }

    async fn wait(
        &self,
        statement: &StatementId,
        until: OffsetDateTime,
    ) -> Result<Outcome, LoadError> {
        let patience = (until - self.clock.now()).try_into().unwrap_or_default();
        Ok(self.warehouse.wait(statement, patience).await?)
    }

    /// Puts the manifest before the statement that reads it; put again it is the same.
    async fn submit(&self, load: &Load, this: Try) -> Result<StatementId, LoadError> {
        if this.failed > 0 {
            self.clock.pause(PAUSE * 2u32.pow(this.failed - 1)).await;
        }
        let manifest = load.manifest().as_bytes().to_vec();
        self.staging
            .put_object(&load.manifest_key(), manifest)
            .await?;
        let attempt = transaction(load, this.attempt, &self.copy_role_arn)?;
        Ok(self.warehouse.submit(&attempt).await?)
    }
}
