//! The plan of a statement: what PostgreSQL or the server runs for it.

use super::transfer::copy::CopyStatement;
use super::transfer::unload::UnloadStatement;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    pub(crate) command: Command,
    pub(crate) transaction: Transaction,
}

/// Command that a statement runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Command {
    /// SQL for PostgreSQL.
    Sql {
        /// Statement whose rows and row count are the result.
        main: String,
        /// Statements to run after `main`, for their effects only.
        after: Vec<String>,
    },
    /// Loads from S3.
    Copy(CopyStatement),
    /// Unloads to S3.
    Unload(UnloadStatement),
    /// Opens a transaction in a session.
    Begin { read_only: bool },
    /// Commits the open transaction.
    Commit,
    /// Rolls back the open transaction.
    Rollback,
    /// Does nothing: Redshift would change something that has no meaning here, such as an encoding.
    Nothing,
}

/// Relation of a statement to transactions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Transaction {
    /// Runs inside a transaction.
    Inside,
    /// Cannot run inside a transaction. The text names the statement in Redshift's error message.
    Outside(&'static str),
    /// Runs inside a transaction and commits it, as `TRUNCATE` does.
    Commits,
    /// Calls a procedure, which may commit when no transaction is open.
    Procedure,
}

impl Plan {
    /// Returns the plan that runs one statement inside a transaction.
    pub(crate) fn sql(main: String) -> Self {
        Self::with_after(main, Vec::new())
    }

    /// Returns the plan that runs `main`, then `after`, inside a transaction.
    pub(crate) fn with_after(main: String, after: Vec<String>) -> Self {
        Self {
            command: Command::Sql { main, after },
            transaction: Transaction::Inside,
        }
    }

    pub(crate) fn nothing() -> Self {
        Self {
            command: Command::Nothing,
            transaction: Transaction::Inside,
        }
    }

    /// Returns the same plan, marked as unable to run inside a transaction; `words` names the
    /// statement.
    pub(crate) fn outside(mut self, words: &'static str) -> Self {
        self.transaction = Transaction::Outside(words);
        self
    }

    pub(crate) fn plain(command: Command) -> Self {
        Self {
            command,
            transaction: Transaction::Inside,
        }
    }
}
