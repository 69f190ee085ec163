//! What is wrong, and what cannot be known.

use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

/// A reason why an environment is not healthy.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// The stage or process that it is in.
    pub stage: String,
    /// What kind it is, for programs.
    pub kind: ProblemKind,
    /// What is wrong.
    pub reason: String,
    /// Since when, where that is known.
    #[serde(with = "rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// The next command or step.
    pub next: String,
}

/// Kinds of problems.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A process does not run.
    Ended,
    /// A process runs and does not answer.
    Silent,
    /// A stack or a resource is missing, disabled or failed.
    Resource,
    /// The API answers something else than it should.
    Api,
    /// Something waits for longer than the window and the margin.
    Behind,
    /// A function fails while something waits for it.
    Failing,
    /// Messages were given up.
    DeadLetters,
    /// Rejects that nobody acknowledged.
    Rejects,
}

/// Something that could not be asked.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Unknown {
    /// The stage.
    pub stage: String,
    /// What is not known.
    pub what: String,
    /// Why it could not be asked.
    pub reason: String,
}

/// An answer, or why there is none.
pub(super) type Answer<T> = Result<T, String>;

/// The command `stack WORDS` for the environment that was named as `name`.
pub(super) fn command(words: &str, name: &str) -> String {
    match name {
        "local" => format!("`stack {words}`"),
        _ => format!("`stack {words} {name}`"),
    }
}

/// The same for commands that take the environment as an option.
pub(super) fn command_env(words: &str, name: &str) -> String {
    match name {
        "local" => format!("`stack {words}`"),
        _ => format!("`stack {words} --env {name}`"),
    }
}
