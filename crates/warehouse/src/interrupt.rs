//! Queries that the user can interrupt.

use std::pin::pin;
use std::time::Duration;

use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::rows::Rows;
use crate::statement::{Outcome, StatementId, Submission};

/// How long to wait for a cancelled statement to end.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// The result of an interruptible query.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// The query finished; empty if it returns no rows.
    Rows(Rows),
    /// The query was interrupted.
    Interrupted {
        /// The statement that was cancelled.
        id: StatementId,
        /// How the statement ended; `Running` if it did not end within 10 s of the cancellation.
        outcome: Outcome,
    },
}

impl<A: DataApi> Warehouse<A> {
    /// Runs one statement as [`Warehouse::query`] does, and cancels it when `stop` completes.
    ///
    /// If `stop` completes during the submission, the submission is finished first: without the statement's
    /// id it could not be cancelled and would continue to run.
    ///
    /// # Errors
    ///
    /// Fails if the statement fails, its rows cannot be read, or it cannot be cancelled.
    pub async fn query_until(
        &self,
        name: &str,
        sql: &str,
        stop: impl Future<Output = ()>,
    ) -> Result<Answer, WarehouseError> {
        self.query_first_until(name, sql, usize::MAX, stop).await
    }

    /// Runs one statement as [`Warehouse::query_until`] does, and fetches only its first `most` rows.
    ///
    /// # Errors
    ///
    /// As those of [`Warehouse::query_until`].
    pub async fn query_first_until(
        &self,
        name: &str,
        sql: &str,
        most: usize,
        stop: impl Future<Output = ()>,
    ) -> Result<Answer, WarehouseError> {
        let submission = Submission {
            name: name.to_owned(),
            statements: vec![sql.to_owned()],
            token: None,
        };
        let mut stop = pin!(stop);
        let mut submit = pin!(self.submit(&submission));
        let id = tokio::select! {
            biased;
            id = &mut submit => id?,
            () = &mut stop => return self.interrupt(submit.await?).await,
        };
        let rows = async {
            self.finish(&submission, id.clone()).await?;
            self.fetch_first(&id, most).await
        };
        tokio::select! {
            biased;
            rows = rows => Ok(Answer::Rows(rows?)),
            () = stop => self.interrupt(id.clone()).await,
        }
    }

    /// Cancels a statement and waits up to 10 s for its end. Idempotent; a statement that has ended is left
    /// unchanged.
    async fn interrupt(&self, id: StatementId) -> Result<Answer, WarehouseError> {
        let cancelled = self.retry(|| self.api.cancel(&id)).await;
        cancelled.map_err(|source| WarehouseError::Cancel {
            id: id.clone(),
            source,
        })?;
        let outcome = self.wait(&id, CANCEL_TIMEOUT).await?;
        Ok(Answer::Interrupted { id, outcome })
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;
    use crate::api::{Fault, Status};
    use crate::scripted::{ScriptedDataApi, description};

    #[tokio::test]
    async fn a_query_that_is_not_interrupted_is_not_cancelled() {
        let api = ScriptedDataApi::describing([
            Ok(description(Status::Finished)),
            Ok(description(Status::Finished)),
        ]);
        let warehouse = Warehouse::with_api(&api);
        let answer = warehouse.query_until("q", "SELECT 1", pending());
        assert_eq!(answer.await.unwrap(), Answer::Rows(Rows::default()));
        assert!(api.cancelled.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_interrupted_query_is_cancelled_and_its_end_awaited() {
        let api = ScriptedDataApi::describing([
            Ok(description(Status::Running)),
            Ok(description(Status::Aborted)),
        ]);
        let warehouse = Warehouse::with_api(&api);
        let answer = warehouse.query_until("q", "SELECT 1", ready(()));
        let id = StatementId("s-1".to_owned());
        assert_eq!(*api.cancelled.lock().unwrap(), []);
        let expected = Answer::Interrupted {
            id: id.clone(),
            outcome: Outcome::Aborted,
        };
        assert_eq!(answer.await.unwrap(), expected);
        assert_eq!(*api.cancelled.lock().unwrap(), [id]);
    }

    #[tokio::test]
    async fn a_query_that_was_refused_has_nothing_to_cancel() {
        let api = ScriptedDataApi::default();
        api.refusals.lock().unwrap().push_back(Fault::Refused);
        let warehouse = Warehouse::with_api(&api);
        let answer = warehouse.query_until("q", "SELECT 1", ready(()));
        assert!(matches!(answer.await, Err(WarehouseError::Submit { .. })));
        assert!(api.cancelled.lock().unwrap().is_empty());
    }
}
