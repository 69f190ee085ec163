//! Data of a statement: its request and its progress.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::postgres::User;
use crate::sql::Parameter;

/// Status of a statement.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    /// Waits for a free connection.
    Submitted,
    /// Has its turn; a connection is being opened.
    Picked,
    Started,
    /// Ended with success.
    Finished,
    /// Was cancelled.
    Aborted,
    /// Ended with an error.
    Failed,
}

impl Status {
    /// Returns whether the statement has ended.
    pub(crate) fn is_settled(self) -> bool {
        matches!(self, Self::Finished | Self::Aborted | Self::Failed)
    }

    /// Returns the service's name of the status.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Picked => "PICKED",
            Self::Started => "STARTED",
            Self::Finished => "FINISHED",
            Self::Aborted => "ABORTED",
            Self::Failed => "FAILED",
        }
    }
}

/// Commit mode of a batch.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Mode {
    /// All statements in one transaction.
    #[default]
    Transaction,
    /// Each statement in a transaction of its own. A failure does not stop the others.
    AutoCommit,
}

/// Format of a result.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ResultFormat {
    /// Read by `GetStatementResult`, as typed fields.
    #[default]
    Json,
    /// Read by `GetStatementResultV2`, as CSV.
    Csv,
}

/// The warehouse and database of a request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Target {
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) database: String,
    pub(crate) secret_arn: Option<String>,
    /// Database user that runs the statement.
    pub(crate) db_user: String,
}

impl Target {
    /// Returns whether a list filtered by these names includes the target. A missing filter matches
    /// everything.
    pub(crate) fn matches(
        &self,
        cluster_identifier: Option<&str>,
        workgroup_name: Option<&str>,
        database: Option<&str>,
    ) -> bool {
        let fits = |wanted: Option<&str>, own: Option<&str>| wanted.is_none() || wanted == own;
        fits(cluster_identifier, self.cluster_identifier.as_deref())
            && fits(workgroup_name, self.workgroup_name.as_deref())
            && fits(database, Some(&self.database))
    }
}

/// A request to run statements. It never changes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Request {
    pub(crate) id: String,
    /// Key of the caller, from [`Principal::key`](crate::Principal).
    pub(crate) owner: String,
    pub(crate) created_ms: i64,
    pub(crate) name: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) sqls: Vec<String>,
    pub(crate) is_batch: bool,
    pub(crate) mode: Mode,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) format: ResultFormat,
    pub(crate) target: Target,
    pub(crate) user: User,
    /// Session that the statements run in. A new one stays open if `keep_alive_s` is greater than
    /// 0.
    pub(crate) session: Option<String>,
    pub(crate) keep_alive_s: u32,
}

impl Request {
    /// Returns a stable UUID: of the statement at index `at`, or of the whole request.
    pub(crate) fn query_uuid(&self, at: Option<usize>) -> Uuid {
        let digest = Sha256::digest(format!("{}:{at:?}", self.id));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// Progress of a request. It changes until the request has ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Progress {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
    pub(crate) updated_ms: i64,
    pub(crate) duration_ns: i64,
    pub(crate) pid: Option<i32>,
    /// One part for each statement.
    pub(crate) parts: Vec<Part>,
    /// Transaction whose commit was started. After a crash, PostgreSQL knows whether it was
    /// committed.
    pub(crate) committing: Option<String>,
}

/// Progress of one statement.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Part {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) duration_ns: i64,
    /// Number of rows returned or changed; -1 while unknown.
    pub(crate) rows: i64,
    /// Size of the result in bytes; -1 while unknown.
    pub(crate) size: i64,
    pub(crate) has_result: bool,
    pub(crate) query_id: i64,
}

impl Progress {
    /// Returns the initial progress. `query_ids` gives one id for each statement.
    pub(crate) fn submitted(now_ms: i64, query_ids: impl Iterator<Item = i64>) -> Self {
        let part = |query_id| Part {
            status: Status::Submitted,
            error: None,
            created_ms: now_ms,
            updated_ms: now_ms,
            duration_ns: -1,
            rows: -1,
            size: -1,
            has_result: false,
            query_id,
        };
        Self {
            status: Status::Submitted,
            error: None,
            updated_ms: now_ms,
            duration_ns: -1,
            pid: None,
            parts: query_ids.map(part).collect(),
            committing: None,
        }
    }

    /// Returns the transaction whose commit ends the whole request. `None` if a statement has not
    /// started yet or has failed.
    pub(crate) fn last_commit(&self) -> Option<&str> {
        let ran = |part: &Part| matches!(part.status, Status::Started | Status::Finished);
        let committing = self.committing.as_deref();
        committing.filter(|_| self.parts.iter().all(ran))
    }

    /// Returns the sum of a value over all parts if the request succeeded, otherwise -1. Unknown
    /// values count as 0.
    pub(crate) fn sum(&self, of: impl Fn(&Part) -> i64) -> i64 {
        match self.status {
            Status::Finished => self.parts.iter().map(|part| of(part).max(0)).sum(),
            _ => -1,
        }
    }

    /// Ends the request. Statements that did not start are aborted; a running statement gets the
    /// status of the request.
    pub(crate) fn settle(&mut self, status: Status, error: Option<String>) {
        let now = now_ms();
        for part in &mut self.parts {
            if !part.status.is_settled() {
                let started = part.status == Status::Started;
                part.status = if started { status } else { Status::Aborted };
                part.updated_ms = now;
            }
        }
        self.status = status;
        self.error = error;
        self.committing = None;
    }
}

/// Returns the current time in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
impl Request {
    /// Returns a request of root for tests.
    pub(super) fn sample(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            owner: "root".to_owned(),
            created_ms: now_ms(),
            name: None,
            token: None,
            sqls: vec!["select 1".to_owned()],
            is_batch: false,
            mode: Mode::Transaction,
            parameters: Vec::new(),
            format: ResultFormat::Json,
            target: Target {
                cluster_identifier: None,
                workgroup_name: None,
                database: "d".to_owned(),
                secret_arn: None,
                db_user: "u".to_owned(),
            },
            user: User::Admin,
            session: None,
            keep_alive_s: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_ends_a_batch_only_if_no_statement_is_left() {
        let mut progress = Progress::submitted(0, 1..=2);
        progress.parts[0].status = Status::Finished;
        progress.committing = Some("7".to_owned());
        assert_eq!(progress.last_commit(), None);
        progress.parts[1].status = Status::Started;
        assert_eq!(progress.last_commit(), Some("7"));
        progress.parts[0].status = Status::Failed;
        assert_eq!(progress.last_commit(), None);
    }

    #[test]
    fn statements_that_did_not_run_when_a_batch_fails_are_aborted() {
        let mut progress = Progress::submitted(0, 1..=3);
        progress.parts[0].status = Status::Finished;
        progress.parts[1].status = Status::Started;
        progress.settle(Status::Failed, Some("ERROR: no".to_owned()));
        let statuses: Vec<_> = progress
            .parts
            .iter()
            .map(|part| part.status.as_str())
            .collect();
        assert_eq!(statuses, ["FINISHED", "FAILED", "ABORTED"]);
    }
}
