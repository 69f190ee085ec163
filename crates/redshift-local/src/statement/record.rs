//! What is known about a statement.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::postgres::User;
use crate::sql::Parameter;

/// Where a statement is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    /// It waits for its turn.
    Submitted,
    /// It has its turn and gets a connection.
    Picked,
    /// It runs.
    Started,
    /// It ran to its end.
    Finished,
    /// Someone stopped it.
    Aborted,
    /// It did not work.
    Failed,
}

impl Status {
    /// Whether nothing can change any more.
    pub(crate) fn is_settled(self) -> bool {
        matches!(self, Self::Finished | Self::Aborted | Self::Failed)
    }

    /// As the service spells it.
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

/// How a batch is committed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Mode {
    /// All or nothing.
    #[default]
    Transaction,
    /// Each statement by itself; one that fails stops none.
    AutoCommit,
}

/// How results are given back.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ResultFormat {
    /// By `GetStatementResult`, field by field.
    #[default]
    Json,
    /// By `GetStatementResultV2`, as text.
    Csv,
}

/// The warehouse that a request names, as it named it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Target {
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) database: String,
    pub(crate) secret_arn: Option<String>,
    /// The database user the statement runs as.
    pub(crate) db_user: String,
}

impl Target {
    /// Whether a list for this warehouse and database has it; what is not named does not matter.
    pub(crate) fn is_asked_for(
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

/// What was asked for; it never changes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Request {
    pub(crate) id: String,
    /// Who asked: [`Principal::key`](crate::Principal).
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
    /// The session it runs in; it is left open when `keep_alive_s` is more than 0.
    pub(crate) session: Option<String>,
    pub(crate) keep_alive_s: u32,
}

impl Request {
    /// A name of the query for all time: of part `at`, from 0, or of the whole.
    pub(crate) fn query_uuid(&self, at: Option<usize>) -> Uuid {
        let digest = Sha256::digest(format!("{}:{at:?}", self.id));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// How far it is; it changes until it is settled.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Progress {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
    pub(crate) updated_ms: i64,
    pub(crate) duration_ns: i64,
    pub(crate) pid: Option<i32>,
    /// One for each statement of a batch, and one for a single statement.
    pub(crate) parts: Vec<Part>,
    /// The transaction that was about to be committed: after a crash PostgreSQL knows how that
    /// ended.
    pub(crate) committing: Option<String>,
}

/// One statement of a batch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Part {
    pub(crate) status: Status,
    pub(crate) error: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) duration_ns: i64,
    /// Rows returned or changed; -1 while unknown.
    pub(crate) rows: i64,
    /// Bytes of the result; -1 while unknown.
    pub(crate) size: i64,
    pub(crate) has_result: bool,
    pub(crate) query_id: i64,
}

impl Progress {
    /// The start of a life. `query_ids` has one number for each statement.
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

    /// The transaction whose commit would end the whole statement; none while a part is still to
    /// run, or when one has failed.
    pub(crate) fn last_commit(&self) -> Option<&str> {
        let ran = |part: &Part| matches!(part.status, Status::Started | Status::Finished);
        let committing = self.committing.as_deref();
        committing.filter(|_| self.parts.iter().all(ran))
    }

    /// What its parts have together, when all of it worked; what a part does not know counts for
    /// nothing.
    pub(crate) fn sum(&self, of: impl Fn(&Part) -> i64) -> i64 {
        match self.status {
            Status::Finished => self.parts.iter().map(|part| of(part).max(0)).sum(),
            _ => -1,
        }
    }

    /// Ends it. Parts that did not run are aborted; a part that was running shares the end.
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

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
impl Request {
    /// One of root's, for tests.
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
    fn a_commit_ends_a_batch_only_when_no_part_is_left() {
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
    fn what_did_not_run_when_a_batch_fails_is_aborted() {
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
