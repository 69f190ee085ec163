//! Problems of an environment, and values that are unknown.

use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

/// A reason why an environment is not healthy.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// Stage or process with the problem.
    pub stage: String,
    /// Kind of the problem, for programs.
    pub kind: ProblemKind,
    pub reason: String,
    /// Start of the problem, if known.
    #[serde(with = "rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// Next command or step.
    pub next: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A process does not run.
    Ended,
    /// A process runs but does not respond.
    Silent,
    /// A stack or a resource is missing, disabled or failed.
    Resource,
    /// The API gives an unexpected response.
    Api,
    /// Work waits for longer than the stage's window and a margin.
    Behind,
    /// A function fails while work waits for it.
    Failing,
    /// A dead-letter queue holds messages.
    DeadLetters,
    /// There are rejects that are not acknowledged.
    Rejects,
}

/// A value that could not be read.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Unknown {
    pub stage: String,
    pub what: String,
    pub reason: String,
}

/// A response, or the reason why there is none.
pub(super) type Answer<T> = Result<T, String>;

/// Returns the command `stack WORDS` for the environment `name`.
pub(super) fn command(words: &str, name: &str) -> String {
    match name {
        "local" => format!("`stack {words}`"),
        _ => format!("`stack {words} {name}`"),
    }
}
