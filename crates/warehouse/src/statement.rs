//! Statements, from submission to end.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The Data API's id of a submission, or of one statement of a batch (`<id>:1`). The Data API keeps it for 24
/// hours.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct StatementId(pub String);

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client token. For 8 hours, submitting with the same token returns the statement for which it was first
/// used, whatever its state.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token(pub(crate) String);

impl Token {
    /// Returns a unique token.
    pub(crate) fn random() -> Self {
        Self(format!("{:032x}", fastrand::u128(..)))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A submission: one statement, or a batch that runs as one transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission {
    /// The statement name in the warehouse's history, at most 500 characters.
    pub name: String,
    /// 1 to 40 statements of at most 100 KB each.
    pub statements: Vec<String>,
    /// Without a token, each submission runs again.
    pub token: Option<Token>,
}

/// The state of a statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// `SUBMITTED`, `PICKED` or `STARTED`.
    Running,
    /// Finished and committed.
    Finished,
    /// Failed in the warehouse and rolled back.
    Failed,
    /// Cancelled and rolled back.
    Aborted,
}

/// The Data API's description of a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Description {
    pub status: Status,
    /// The warehouse's error text, if it failed.
    pub error: Option<String>,
    /// Whether there are rows to fetch.
    pub has_result: bool,
    /// When the Data API accepted the statement.
    pub taken_at: Option<OffsetDateTime>,
    /// The statements of a batch, in order; empty for a single statement.
    pub parts: Vec<SubStatement>,
}

/// One statement of a batch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubStatement {
    /// The id with which its rows are fetched.
    pub id: StatementId,
    pub failed: bool,
    /// The warehouse's error text, if it failed.
    pub error: Option<String>,
    /// The number of rows returned or affected, as the warehouse reports it; COPY reports none.
    pub rows: i64,
    /// Whether there are rows to fetch.
    pub has_result: bool,
}

/// Why a statement failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The position in the batch of the statement that failed, from 0.
    pub position: usize,
    /// The warehouse's error text.
    pub message: String,
    /// When the Data API accepted the submission. Entries about it in the warehouse's system views are later.
    pub taken_at: Option<OffsetDateTime>,
}

/// How waiting for a statement ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Finished and committed. Contains the statements of the batch.
    Finished(Vec<SubStatement>),
    /// Failed in the warehouse and rolled back.
    Failed(Failure),
    /// Cancelled and rolled back.
    Aborted,
    /// The Data API does not know the id, or no longer.
    Lost,
    /// Still running when the time was over.
    Running,
}

impl Description {
    /// Returns `None` while the statement runs.
    pub(crate) fn outcome(self) -> Option<Outcome> {
        match self.status {
            Status::Running => None,
            Status::Finished => Some(Outcome::Finished(self.parts)),
            Status::Aborted => Some(Outcome::Aborted),
            Status::Failed => Some(Outcome::Failed(self.failure())),
        }
    }

    /// Prefers the error text of the failed part: the batch's own text often only says that a part failed.
    fn failure(self) -> Failure {
        let position = self
            .parts
            .iter()
            .position(|part| part.failed)
            .unwrap_or_default();
        let part = self.parts.into_iter().nth(position);
        let message = part
            .and_then(|part| part.error)
            .or(self.error)
            .unwrap_or_else(|| "the warehouse gave no reason".to_owned());
        Failure {
            position,
            message,
            taken_at: self.taken_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(failed: bool, error: Option<&str>) -> SubStatement {
        SubStatement {
            id: StatementId("s:1".into()),
            failed,
            error: error.map(str::to_owned),
            rows: 0,
            has_result: false,
        }
    }

    fn failed(error: Option<&str>, parts: Vec<SubStatement>) -> Failure {
        let error = error.map(str::to_owned);
        let description = Description {
            status: Status::Failed,
            error,
            has_result: false,
            taken_at: Some(OffsetDateTime::UNIX_EPOCH),
            parts,
        };
        match description.outcome() {
            Some(Outcome::Failed(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_failed_part_is_named_with_its_own_error_text() {
        let parts = vec![
            part(false, None),
            part(true, Some("no such table")),
            part(false, None),
        ];
        let failure = failed(Some("batch failed"), parts);
        assert_eq!(
            failure,
            Failure {
                position: 1,
                message: "no such table".into(),
                taken_at: Some(OffsetDateTime::UNIX_EPOCH),
            }
        );
    }

    #[test]
    fn a_single_statement_has_its_own_error_text() {
        let failure = failed(Some("syntax error"), Vec::new());
        assert_eq!(
            failure,
            Failure {
                position: 0,
                message: "syntax error".into(),
                taken_at: Some(OffsetDateTime::UNIX_EPOCH),
            }
        );
        assert!(failed(None, Vec::new()).message.contains("no reason"));
    }
}
