//! Why an environment cannot be used.

use std::path::PathBuf;

use thiserror::Error;

/// Why an environment cannot be used.
#[derive(Debug, Error)]
pub enum EnvironmentError {
    /// Neither a name that is known nor a file.
    #[error(
        "no environment `{asked}`: use {known}, a name that begins with `local-`, or the path of a file"
    )]
    Unknown {
        /// What was asked for.
        asked: String,
        /// The names that are built in.
        known: String,
    },
    /// A name that begins with `local-` and breaks the rules of names.
    #[error("`{asked}` cannot be an environment's name")]
    BadName {
        /// What was asked for.
        asked: String,
        /// Which rule it breaks.
        source: super::NameError,
    },
    /// The file cannot be read.
    #[error("cannot read the environment file `{}`", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no YAML, or not of the right shape: an unknown or missing key, a wrong type.
    #[error("{file}:{line}: {detail}")]
    Malformed {
        /// Its path or name.
        file: String,
        /// Counted from 1.
        line: u64,
        /// What was found and what may stand there.
        detail: String,
    },
    /// A key has a value that cannot be, by itself or beside the others.
    #[error("{file}:{line}: `{key}` {problem}")]
    Refused {
        /// Its path or name.
        file: String,
        /// Counted from 1.
        line: u64,
        /// Which key, with its parents.
        key: std::borrow::Cow<'static, str>,
        /// The value that came, and which are allowed.
        problem: String,
    },
}
