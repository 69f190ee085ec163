//! Errors of environment names and files.

use std::path::PathBuf;

use thiserror::Error;

/// Why an environment cannot be used.
#[derive(Debug, Error)]
pub enum EnvironmentError {
    /// Neither a known name nor a file.
    #[error(
        "no environment `{asked}`: use {known}, a name that begins with `local-`, or the path of a file"
    )]
    Unknown {
        asked: String,
        /// The names of the built-in environments.
        known: String,
    },
    /// A name that starts with `local-` and is not valid.
    #[error("`{asked}` is not a valid environment name")]
    BadName {
        asked: String,
        source: super::NameError,
    },
    /// The file cannot be read.
    #[error("cannot read the environment file `{}`", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is not YAML, or has an unknown or missing key or a wrong type.
    #[error("{file}:{line}: {detail}")]
    Malformed {
        /// The path or the name.
        file: String,
        /// Counted from 1.
        line: u64,
        /// What is wrong and what is allowed.
        detail: String,
    },
    /// The value of a key is not allowed, by itself or in combination with other keys.
    #[error("{file}:{line}: `{key}` {problem}")]
    Refused {
        /// The path or the name.
        file: String,
        /// Counted from 1.
        line: u64,
        /// The key with its parents.
        key: std::borrow::Cow<'static, str>,
        /// The value, and what is allowed.
        problem: String,
    },
}
