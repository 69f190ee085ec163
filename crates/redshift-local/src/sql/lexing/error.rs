//! Errors of statements that are rejected before they reach PostgreSQL.

use thiserror::Error;

/// A rejected statement. `Display` is the text that the client reads after `ERROR: `.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum SqlError {
    /// The statement is not valid SQL at this token.
    #[error("syntax error at or near \"{0}\"")]
    Syntax(String),
    /// The statement ends too early.
    #[error("syntax error at end of input")]
    End,
    /// Redshift refuses the statement; the message is Redshift's where it is known.
    #[error("{0}")]
    Refused(String),
    /// Redshift runs the statement, but this server cannot.
    #[error("{0} is not supported by this server; run it on Amazon Redshift")]
    Unsupported(String),
}

impl SqlError {
    /// Returns the error for `what`, which PostgreSQL has and Redshift does not.
    pub(crate) fn not_in_redshift(what: &str) -> Self {
        Self::Refused(format!("{what} is not supported by Amazon Redshift"))
    }

    /// Returns the error for `what`, which Redshift has and this server does not.
    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }
}
