//! Runs statements and fetches their rows.

use std::time::Duration;

use aws_types::SdkConfig;
use templates::{Sql, render};
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::api::{ApiError, DataApi, Fault};
use crate::error::WarehouseError;
use crate::rows::Rows;
use crate::sdk::SdkDataApi;
use crate::statement::{Outcome, StatementId, SubStatement, Submission, Token};
use crate::target::{Authority, Target};
use crate::timing::{self, BACKOFF};

/// The default time limit of [`Warehouse::query`] and [`Warehouse::run`].
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(15);

/// A connection to one database of a warehouse, with one identity.
#[derive(Clone, Debug)]
pub struct Warehouse<A = SdkDataApi> {
    pub(crate) api: A,
    /// The deadline set by [`Warehouse::with_timeout`].
    until: Option<Instant>,
}

impl Warehouse {
    /// Creates a client of `database` in `target` with the identity `authority`. Makes no request.
    ///
    /// Region, credentials, endpoint and HTTP client are those of `config`; the read timeout is raised above
    /// the 30 s that a call may wait.
    #[must_use]
    pub fn new(config: &SdkConfig, target: Target, database: String, authority: Authority) -> Self {
        Self {
            api: SdkDataApi::new(config, target, database, authority),
            until: None,
        }
    }
}

impl<A: DataApi> Warehouse<A> {
    /// Creates a client that uses `api`.
    #[must_use]
    pub fn with_api(api: A) -> Self {
        Self { api, until: None }
    }

    /// Returns the same client with a deadline: `timeout` from now for all its requests together.
    ///
    /// Statements that are still running at the deadline continue in the warehouse and return
    /// [`WarehouseError::StillRunning`]. Until the deadline, transient failures are retried; without a
    /// deadline they are returned to the caller.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self
    where
        A: Clone,
    {
        Self {
            api: self.api.clone(),
            until: Some(Instant::now() + timeout),
        }
    }

    /// Submits and returns at once. With a token, repeating the submission within 8 hours returns the first
    /// statement. A submission without a token gets one here, so that retries submit it only once.
    ///
    /// # Errors
    ///
    /// Fails if the Data API does not accept the submission.
    pub async fn submit(&self, submission: &Submission) -> Result<StatementId, WarehouseError> {
        let submission = Submission {
            token: submission.token.clone().or_else(|| Some(Token::random())),
            ..submission.clone()
        };
        let sent = self.retry(|| self.api.submit(&submission)).await;
        sent.map_err(|source| WarehouseError::Submit {
            name: submission.name.clone(),
            source,
        })
    }

    fn left(&self) -> Option<Duration> {
        let until = self.until?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Retries a call while it fails with a transient failure and the deadline has not passed.
    pub(crate) async fn retry<T, F>(&self, call: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let mut backoff = BACKOFF;
        loop {
            let error = match call().await {
                Err(error) if error.fault == Fault::Transient => error,
                answer => return answer,
            };
            let Some(left) = self.left().filter(|left| !left.is_zero()) else {
                return Err(error);
            };
            debug!(%error, "retrying a call");
            sleep(backoff.delay_with_jitter(fastrand::f64()).min(left)).await;
        }
    }

    /// Waits up to `timeout` for the end of a statement, no matter who submitted it.
    ///
    /// A transient failure of a request decides nothing: the request is repeated. A statement of another
    /// identity returns [`Outcome::Lost`], like one that is no longer known: the Data API describes it only
    /// to the identity that submitted it.
    ///
    /// # Errors
    ///
    /// Fails if the Data API refuses the request.
    pub async fn wait(
        &self,
        id: &StatementId,
        timeout: Duration,
    ) -> Result<Outcome, WarehouseError> {
        let until = Instant::now() + timeout;
        let mut backoff = BACKOFF;
        let mut may_wait = true;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let wait = if may_wait {
                timing::wait(left)
            } else {
                Duration::ZERO
            };
            match self.api.describe(id, wait).await {
                Ok(description) => {
                    if let Some(outcome) = description.outcome() {
                        return Ok(outcome);
                    }
                }
                Err(error) => match error.fault {
                    Fault::NotFound | Fault::Denied => return Ok(Outcome::Lost),
                    Fault::TooManyWaiting => may_wait = false,
                    Fault::Transient => {
                        debug!(%id, %error, "cannot describe the statement, retrying");
                    }
                    Fault::Refused => {
                        return Err(WarehouseError::Describe {
                            id: id.clone(),
                            source: error,
                        });
                    }
                },
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Outcome::Running);
            }
            sleep(backoff.delay_with_jitter(fastrand::f64()).min(left)).await;
        }
    }

    /// Submits and waits for the end, by default up to 15 minutes. Returns the statements of a batch.
    ///
    /// # Errors
    ///
    /// Fails if the submission did not finish successfully in time.
    pub async fn run(&self, submission: &Submission) -> Result<Vec<SubStatement>, WarehouseError> {
        let id = self.submit(submission).await?;
        self.finish(submission, id).await
    }

    /// Runs one statement and returns its rows; empty if it returns none.
    ///
    /// # Errors
    ///
    /// Fails if the statement did not finish successfully in time, or its rows cannot be read.
    pub async fn query(&self, name: &str, sql: &str) -> Result<Rows, WarehouseError> {
        let submission = Submission {
            name: name.to_owned(),
            statements: vec![sql.to_owned()],
            token: None,
        };
        let id = self.submit(&submission).await?;
        self.finish(&submission, id.clone()).await?;
        self.fetch(&id).await
    }

    /// Runs the statement of a template and returns its rows.
    ///
    /// # Errors
    ///
    /// Fails if the statement cannot be rendered or did not finish successfully in time, or its rows cannot
    /// be read.
    pub async fn ask<T: Sql + Sync>(&self, template: &T) -> Result<Rows, WarehouseError> {
        self.query(T::NAME, &render(template)?).await
    }

    /// Fetches all rows of a statement; empty if it returns none. Results are kept for 24 hours.
    ///
    /// # Errors
    ///
    /// Fails if the rows cannot be read.
    pub async fn fetch(&self, id: &StatementId) -> Result<Rows, WarehouseError> {
        self.fetch_first(id, usize::MAX).await
    }

    /// Fetches the first `most` rows of a statement, and no page beyond them.
    ///
    /// # Errors
    ///
    /// Fails if the rows cannot be read.
    pub async fn fetch_first(&self, id: &StatementId, most: usize) -> Result<Rows, WarehouseError> {
        let failed = |source: ApiError| WarehouseError::Fetch {
            id: id.clone(),
            source,
        };
        let described = self.retry(|| self.api.describe(id, Duration::ZERO));
        let description = described.await.map_err(failed)?;
        if !description.has_result {
            return Ok(Rows::default());
        }
        let page = self.retry(|| self.api.page(id, None)).await;
        let page = page.map_err(failed)?;
        let mut rows = Rows {
            columns: page.columns,
            rows: page.rows,
        };
        let mut next = page.next;
        while let Some(token) = next.filter(|_| rows.rows.len() < most) {
            let page = self.retry(|| self.api.page(id, Some(&token))).await;
            let page = page.map_err(failed)?;
            rows.rows.extend(page.rows);
            next = page.next;
        }
        rows.rows.truncate(most);
        Ok(rows)
    }

    pub(crate) async fn finish(
        &self,
        submission: &Submission,
        id: StatementId,
    ) -> Result<Vec<SubStatement>, WarehouseError> {
        let name = submission.name.clone();
        let timeout = self.left().unwrap_or(DEFAULT_TIMEOUT);
        match self.wait(&id, timeout).await? {
            Outcome::Finished(parts) => Ok(parts),
            Outcome::Failed(failure) => Err(WarehouseError::Failed {
                name,
                part: failure.position + 1,
                parts: submission.statements.len(),
                message: failure.message,
            }),
            Outcome::Aborted => Err(WarehouseError::Aborted { name }),
            Outcome::Lost => Err(WarehouseError::Lost { name, id }),
            Outcome::Running => Err(WarehouseError::StillRunning {
                name,
                id,
                waited: timeout,
            }),
        }
    }
}

#[cfg(test)]
#[path = "warehouse_tests.rs"]
mod tests;
