//! Picks the parser of a statement by its first words.

use super::access::{assume_role, grant, user};
use super::ddl::{alter, create_table, maintain, objects};
use super::expression::render;
use super::lexing::{Cursor, Parameter, SqlError, Tok, bind, lex};
use super::plan::{Command, Plan, Transaction};
use super::transfer::{copy, unload};
use super::{merge, refusal, setting};

/// Plans one statement, with `parameters` bound to its `:name` placeholders.
///
/// # Errors
///
/// Returns [`SqlError`] when Redshift would refuse the statement or this server cannot run it.
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
        "DROP" => objects::drop(tokens),
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

/// Plans `EXPLAIN`. Only `VERBOSE` is accepted: other options of PostgreSQL's `EXPLAIN` would run
/// the statement.
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
        Some("VIEW") if !temporary => objects::view(cursor, replace),
        Some("MATERIALIZED") if !temporary && !replace => objects::materialized_view(cursor),
        Some("USER") => user::create(cursor),
        Some("ROLE") => user::create_role(cursor),
        Some("GROUP") => render(tokens).map(Plan::sql),
        Some(_) => Err(cursor.unexpected()),
        None => objects::other(tokens, cursor),
    }
}

/// Returns the PostgreSQL text of `sql`, for the tests of the parsers.
#[cfg(test)]
pub(super) fn rewritten(sql: &str) -> String {
    match plan(sql, &[]).map(|plan| plan.command) {
        Ok(Command::Sql { main, .. }) => main,
        other => panic!("{sql}: {other:?}"),
    }
}
