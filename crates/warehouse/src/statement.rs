//! A statement from its submission to its end.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The Data API's id of a submission, or of one statement of a batch (`<id>:1`). Known there for 24 hours.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct StatementId(pub String);

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client token: for 8 hours the same token answers with the statement that it was first used for,
/// whatever became of that one.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token(pub(crate) String);

impl Token {
    /// One that nothing else has.
    pub(crate) fn random() -> Self {
        Self(format!("{:032x}", fastrand::u128(..)))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is submitted: one statement, or a batch that is one transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission {
    /// Its name in the warehouse's history, at most 500 characters.
    pub name: String,
    /// One to 40 statements of at most 100 KB each.
    pub statements: Vec<String>,
    /// Without one, each submission is a new one.
    pub token: Option<Token>,
}

/// How a statement stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// `SUBMITTED`, `PICKED` or `STARTED`.
    Running,
    /// Done, and committed.
    Finished,
    /// Ended by the warehouse and rolled back.
    Failed,
    /// Ended by somebody and rolled back.
    Aborted,
}

/// A statement as the Data API describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Description {
    /// How it stands.
    pub status: Status,
    /// The warehouse's message, when it failed.
    pub error: Option<String>,
    /// Whether it has rows to fetch.
    pub has_result: bool,
    /// When the Data API took it.
    pub taken_at: Option<OffsetDateTime>,
    /// The statements of a batch, in their order; none for a single statement.
    pub parts: Vec<SubStatement>,
}

/// One statement of a batch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubStatement {
    /// By which its rows are fetched.
    pub id: StatementId,
    /// Whether it failed.
    pub failed: bool,
    /// The warehouse's message, when it failed.
    pub error: Option<String>,
    /// Rows returned or affected, as the warehouse tells; COPY tells none.
    pub rows: i64,
    /// Whether it has rows to fetch.
    pub has_result: bool,
}

/// Why the warehouse ended a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// Position of the statement that failed in its batch, from 0.
    pub position: usize,
    /// The warehouse's own words.
    pub message: String,
    /// When the Data API took the whole: what the warehouse's system views tell of it is later.
    pub taken_at: Option<OffsetDateTime>,
}

/// What waiting for a statement came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Done, and committed. Holds the statements of a batch.
    Finished(Vec<SubStatement>),
    /// Ended by the warehouse and rolled back.
    Failed(Failure),
    /// Ended by somebody and rolled back.
    Aborted,
    /// The Data API does not know the id, or no longer.
    Lost,
    /// Still running when the time was up.
    Running,
}

impl Description {
    /// `None` while it runs.
    pub(crate) fn outcome(self) -> Option<Outcome> {
        match self.status {
            Status::Running => None,
            Status::Finished => Some(Outcome::Finished(self.parts)),
            Status::Aborted => Some(Outcome::Aborted),
            Status::Failed => Some(Outcome::Failed(self.failure())),
        }
    }

    /// The part that failed says why; the whole often only says that a part did.
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
    fn the_part_that_failed_is_named_with_its_own_reason() {
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
    fn a_single_statement_has_its_reason_itself() {
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
