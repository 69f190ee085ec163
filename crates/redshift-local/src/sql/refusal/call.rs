//! Refuses calls of functions that Redshift does not have, however their names are spelled.

use super::vocabulary::{
    FORBIDDEN_NAMES, LEADER_FUNCTIONS, POSTGRES_FUNCTIONS, POSTGRES_PREFIXES, POSTGRES_TYPES,
    UNSUPPORTED_FUNCTIONS,
};
use crate::sql::lexing::{Kind, SqlError, Tok, name};

/// Checks the name at `at`: the call of a function, and names that are refused everywhere.
pub(crate) fn check(tokens: &[Tok<'_>], at: usize) -> Result<(), SqlError> {
    let token = &tokens[at];
    if !token.is_name() {
        return Ok(());
    }
    let name = name(token).trim_matches('"').to_lowercase();
    if FORBIDDEN_NAMES.contains(&name.as_str()) {
        return Err(postgres_only(&name));
    }
    let next = tokens.get(at + 1);
    if token.kind == Kind::Word
        && next.is_some_and(|next| next.kind == Kind::Literal)
        && POSTGRES_TYPES.contains(&name.as_str())
    {
        return Err(SqlError::Refused(format!("type \"{name}\" does not exist")));
    }
    if !next.is_some_and(|next| next.is_symbol("(")) || is_table(&tokens[..at]) {
        return Ok(());
    }
    if UNSUPPORTED_FUNCTIONS.contains(&name.as_str()) {
        return Err(SqlError::unsupported(format!("function {name}")));
    }
    if is_postgres_only(&name) {
        return Err(postgres_only(&name));
    }
    if name == "filter" && tokens.get(at + 2).is_some_and(|next| next.is("WHERE")) {
        return Err(SqlError::not_in_redshift("FILTER (WHERE …)"));
    }
    Ok(())
}

fn is_postgres_only(name: &str) -> bool {
    POSTGRES_FUNCTIONS.contains(&name)
        || POSTGRES_TYPES.contains(&name)
        || (POSTGRES_PREFIXES
            .iter()
            .any(|start| name.starts_with(start))
            && !LEADER_FUNCTIONS.contains(&name))
}

fn postgres_only(name: &str) -> SqlError {
    SqlError::Refused(format!(
        "Specified types or functions (one per INFO message) not supported on Redshift tables: \
         function {name} exists only in PostgreSQL"
    ))
}

/// Returns whether the name after `before` is that of a table, a query or an alias, so that the
/// following parenthesis opens a list of columns.
fn is_table(before: &[Tok<'_>]) -> bool {
    const WORDS: &[&str] = &[
        "INTO",
        "TABLE",
        "EXISTS",
        "REFERENCES",
        "ANALYZE",
        "VIEW",
        "WITH",
        "RECURSIVE",
        "AS",
    ];
    let mut rest = before;
    while let [start @ .., part, dot] = rest
        && dot.is_symbol(".")
        && part.is_name()
    {
        rest = start;
    }
    rest.last().is_some_and(|word| word.is_any(WORDS))
}
