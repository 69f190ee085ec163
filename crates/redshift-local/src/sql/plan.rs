//! What is to be done for a statement.

use super::cursor::Cursor;
use super::expression::render;
use super::parameter::bind;
use super::token::{Tok, lex};
use super::{
    CopyStatement, Parameter, SqlError, UnloadStatement, alter, assume_role, copy, create_table,
    define, grant, maintain, merge, refusal, setting, unload, user,
};

/// A statement, ready to run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    /// What to run.
    pub(crate) command: Command,
    /// How it gets on with transactions.
    pub(crate) transaction: Transaction,
}

/// What to run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Command {
    /// PostgreSQL text.
    Sql {
        /// Gives the rows and the count.
        main: String,
        /// Run after it, for their effect.
        after: Vec<String>,
    },
    /// Reads S3.
    Copy(CopyStatement),
    /// Writes S3.
    Unload(UnloadStatement),
    /// Opens a transaction, in a session.
    Begin {
        /// Whether it may change nothing.
        read_only: bool,
    },
    /// Ends it.
    Commit,
    /// Undoes it.
    Rollback,
    /// Redshift would do something that has no meaning here, such as choosing an encoding.
    Nothing,
}

/// How a statement gets on with transactions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Transaction {
    /// It runs in one.
    Inside,
    /// It cannot; the words name it in Redshift's message.
    Outside(&'static str),
    /// It ends the one it runs in, committing it, as `TRUNCATE` does.
    Commits,
    /// It is the call of a procedure, which may commit when no transaction is open.
    Procedure,
}

impl Plan {
    /// One text that runs in a transaction.
    pub(crate) fn sql(main: String) -> Self {
        Self::with_after(main, Vec::new())
    }

    /// One text, and what follows it.
    pub(crate) fn with_after(main: String, after: Vec<String>) -> Self {
        Self {
            command: Command::Sql { main, after },
            transaction: Transaction::Inside,
        }
    }

    /// Nothing to do.
    pub(crate) fn nothing() -> Self {
        Self {
            command: Command::Nothing,
            transaction: Transaction::Inside,
        }
    }

    /// The same, but never in a transaction.
    pub(crate) fn outside(mut self, words: &'static str) -> Self {
        self.transaction = Transaction::Outside(words);
        self
    }

    fn plain(command: Command) -> Self {
        Self {
            command,
            transaction: Transaction::Inside,
        }
    }
}

/// Plans one statement with its parameters.
pub(crate) fn plan(sql: &str, parameters: &[Parameter]) -> Result<Plan, SqlError> {
    let tokens = bind(lex(sql)?, parameters);
    let Some(first) = tokens.first() else {
        return Err(SqlError::End);
    };
    let cursor = Cursor::new(&tokens);
    match first.text.to_ascii_uppercase().as_str() {
        "COPY" => copy::parse(cursor).map(|copy| Plan::plain(Command::Copy(copy))),
        "UNLOAD" => unload::parse(cursor).map(|unload| Plan::plain(Command::Unload(unload))),
        _ => {
            refusal::check(&tokens)?;
            plan_sql(first, &tokens, cursor)
        }
    }
}

fn plan_sql(first: &Tok<'_>, tokens: &[Tok<'_>], cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    match first.text.to_ascii_uppercase().as_str() {
        "SELECT" | "WITH" | "(" | "INSERT" | "UPDATE" | "DELETE" | "COMMENT" | "DECLARE"
        | "FETCH" | "CLOSE" => render(tokens).map(Plan::sql),
        "EXPLAIN" => explain(tokens, cursor),
        "CALL" => Ok(Plan {
            transaction: Transaction::Procedure,
            ..Plan::sql(render(tokens)?)
        }),
        "MERGE" => merge::plan(cursor),
        "CREATE" => create(tokens, cursor),
        "ALTER" => alter::plan(cursor),
        "DROP" => define::drop(tokens),
        "GRANT" | "REVOKE" if tokens.get(1).is_some_and(|token| token.is("ASSUMEROLE")) => {
            assume_role::plan(cursor)
        }
        "GRANT" | "REVOKE" => grant::plan(tokens),
        "TRUNCATE" | "VACUUM" | "ANALYZE" | "ANALYSE" | "LOCK" | "REFRESH" => {
            maintain::plan(cursor)
        }
        "SET" | "RESET" | "SHOW" => setting::plan(cursor),
        "BEGIN" | "START" => setting::begin(cursor),
        "COMMIT" | "END" => setting::finish(cursor, Command::Commit),
        "ROLLBACK" | "ABORT" => setting::finish(cursor, Command::Rollback),
        "VALUES" | "TABLE" | "DO" | "NOTIFY" | "LISTEN" | "REINDEX" | "CLUSTER" | "DISCARD"
        | "SECURITY" | "REASSIGN" | "IMPORT" | "CHECKPOINT" | "SAVEPOINT" | "RELEASE" => {
            Err(SqlError::not_in_redshift(&first.text.to_uppercase()))
        }
        "PREPARE" | "EXECUTE" | "DEALLOCATE" | "CANCEL" | "DESC" | "DESCRIBE" | "USE" => {
            Err(SqlError::unsupported(first.text.to_uppercase()))
        }
        _ => Err(SqlError::Syntax(first.text.clone().into_owned())),
    }
}

/// PostgreSQL's other options of EXPLAIN would run the statement.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html>
fn explain(tokens: &[Tok<'_>], mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    const EXPLAINED: &[&str] = &["SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "CREATE"];
    cursor.expect("EXPLAIN")?;
    cursor.eat(&["VERBOSE"]);
    match cursor.peek() {
        Some(token) if token.is_any(EXPLAINED) => render(tokens).map(Plan::sql),
        _ => Err(cursor.unexpected()),
    }
}

fn create(tokens: &[Tok<'_>], mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    cursor.expect("CREATE")?;
    let replace = cursor.eat(&["OR", "REPLACE"]);
    let temporary = cursor.eat_any(&["TEMPORARY", "TEMP"]).is_some()
        || cursor.eat(&["LOCAL", "TEMP"])
        || cursor.eat(&["LOCAL", "TEMPORARY"]);
    match cursor.eat_any(&["TABLE", "VIEW", "MATERIALIZED", "USER", "ROLE", "GROUP"]) {
        Some("TABLE") if !replace => create_table::plan(cursor, temporary),
        Some("VIEW") if !temporary => define::view(cursor, replace),
        Some("MATERIALIZED") if !temporary && !replace => define::materialized_view(cursor),
        Some("USER") => user::create(cursor),
        Some("ROLE") => user::create_role(cursor),
        Some("GROUP") => render(tokens).map(Plan::sql),
        Some(_) => Err(cursor.unexpected()),
        None => define::other(tokens, cursor),
    }
}

/// What PostgreSQL gets to read of `sql`, for tests of the small parsers.
#[cfg(test)]
pub(super) fn rewritten(sql: &str) -> String {
    match plan(sql, &[]).map(|plan| plan.command) {
        Ok(Command::Sql { main, .. }) => main,
        other => panic!("{sql}: {other:?}"),
    }
}
