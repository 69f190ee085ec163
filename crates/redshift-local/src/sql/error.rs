//! Why a statement is not run.

use thiserror::Error;

/// A statement that never reaches PostgreSQL. `Display` is what the client reads after `ERROR: `.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum SqlError {
    /// The text is no SQL, or not where it stands.
    #[error("syntax error at or near \"{0}\"")]
    Syntax(String),
    /// The text ends too early.
    #[error("syntax error at end of input")]
    End,
    /// Redshift itself refuses it; the message is Redshift's where it is known.
    #[error("{0}")]
    Refused(String),
    /// Redshift would run it and this server cannot.
    #[error("{0} is not supported by this server, which would otherwise answer wrongly")]
    Unsupported(String),
}

impl SqlError {
    /// A PostgreSQL word that Redshift lacks.
    pub(crate) fn not_in_redshift(what: &str) -> Self {
        Self::Refused(format!("{what} is not supported by Amazon Redshift"))
    }

    /// A Redshift feature that this server lacks.
    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }
}
