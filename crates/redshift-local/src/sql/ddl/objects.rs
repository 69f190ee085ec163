//! `CREATE` and `DROP` of views, schemas, databases and other objects.

use super::{routine, storage};
use crate::sql::expression::render;
use crate::sql::lexing::{Cursor, SqlError, Tok};
use crate::sql::plan::Plan;

/// Plans `CREATE [OR REPLACE] VIEW … [WITH NO SCHEMA BINDING]`.
pub(crate) fn view(mut cursor: Cursor<'_, '_>, replace: bool) -> Result<Plan, SqlError> {
    let name = cursor.path()?;
    let columns = match cursor.peek() {
        Some(token) if token.is_symbol("(") => format!(" ({})", cursor.names()?.join(", ")),
        _ => String::new(),
    };
    cursor.expect("AS")?;
    let mut query = cursor.take_rest();
    if let [rest @ .., with, no, schema, binding] = query {
        let words = [
            (with, "WITH"),
            (no, "NO"),
            (schema, "SCHEMA"),
            (binding, "BINDING"),
        ];
        if words.iter().all(|(token, word)| token.is(word)) {
            query = rest;
        }
    }
    let replace = if replace { "OR REPLACE " } else { "" };
    Ok(Plan::sql(format!(
        "CREATE {replace}VIEW {name}{columns} AS {}",
        render(query)?
    )))
}

/// Plans `CREATE MATERIALIZED VIEW name [storage] AS …`.
pub(crate) fn materialized_view(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    cursor.expect("VIEW")?;
    let name = cursor.path()?;
    storage::skip_storage(&mut cursor)?;
    cursor.expect("AS")?;
    let query = render(cursor.take_rest())?;
    Ok(Plan::sql(format!(
        "CREATE MATERIALIZED VIEW {name} AS {query}"
    )))
}

/// Objects of PostgreSQL that Redshift does not have.
const POSTGRES_ONLY: &[&str] = &[
    "INDEX",
    "UNIQUE",
    "SEQUENCE",
    "TYPE",
    "DOMAIN",
    "TRIGGER",
    "RULE",
    "EXTENSION",
    "CAST",
    "AGGREGATE",
    "OPERATOR",
    "POLICY",
    "TABLESPACE",
    "UNLOGGED",
    "EVENT",
    "PUBLICATION",
    "SUBSCRIPTION",
    "SERVER",
    "FOREIGN",
    "COLLATION",
    "STATISTICS",
    "RECURSIVE",
    "GLOBAL",
];
/// Objects of Redshift that this server does not have.
const UNSUPPORTED: &[&str] = &[
    "EXTERNAL",
    "DATASHARE",
    "MODEL",
    "LIBRARY",
    "MASKING",
    "RLS",
    "IDENTITY",
    "TEMPLATE",
];

/// Plans the `CREATE` of every object that has no parser of its own.
pub(crate) fn other(tokens: &[Tok<'_>], mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let Some(token) = cursor.next() else {
        return Err(SqlError::End);
    };
    let word = token.text.to_uppercase();
    match word.as_str() {
        "SCHEMA" => schema(cursor),
        "DATABASE" => {
            let name = cursor.name()?;
            cursor
                .finish()
                .map_err(|_| SqlError::unsupported("CREATE DATABASE with options"))?;
            Ok(Plan::sql(format!("CREATE DATABASE {name}")).outside("CREATE DATABASE"))
        }
        "PROCEDURE" | "FUNCTION" => routine::create(tokens).map(Plan::sql),
        _ if POSTGRES_ONLY.contains(&word.as_str()) => {
            Err(SqlError::not_in_redshift(&format!("CREATE {word}")))
        }
        _ if UNSUPPORTED.contains(&word.as_str()) => {
            Err(SqlError::unsupported(format!("CREATE {word}")))
        }
        _ => Err(SqlError::Syntax(token.text.clone().into_owned())),
    }
}

fn schema(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let exists = if cursor.eat(&["IF", "NOT", "EXISTS"]) {
        "IF NOT EXISTS "
    } else {
        ""
    };
    let name = if cursor.peek().is_some_and(|token| token.is("AUTHORIZATION")) {
        String::new()
    } else {
        cursor.name()?
    };
    let owner = if cursor.eat(&["AUTHORIZATION"]) {
        format!(" AUTHORIZATION {}", cursor.name()?)
    } else {
        String::new()
    };
    if cursor.eat(&["QUOTA"]) && !cursor.eat(&["UNLIMITED"]) {
        cursor.integer()?;
        cursor.eat_any(&["MB", "GB", "TB"]);
    }
    cursor.finish()?;
    Ok(Plan::sql(format!("CREATE SCHEMA {exists}{name}{owner}")))
}

/// Plans `DROP`.
pub(crate) fn drop(tokens: &[Tok<'_>]) -> Result<Plan, SqlError> {
    const KNOWN: &[&str] = &[
        "TABLE",
        "VIEW",
        "SCHEMA",
        "USER",
        "GROUP",
        "ROLE",
        "PROCEDURE",
        "FUNCTION",
        "MATERIALIZED",
    ];
    let Some(kind) = tokens.get(1) else {
        return Err(SqlError::End);
    };
    if kind.is("DATABASE") {
        return Ok(Plan::sql(render(tokens)?).outside("DROP DATABASE"));
    }
    if !kind.is_any(KNOWN) {
        return Err(SqlError::not_in_redshift(&format!(
            "DROP {}",
            kind.text.to_uppercase()
        )));
    }
    let without_force = match tokens {
        [rest @ .., last] if kind.is("ROLE") && last.is_any(&["FORCE", "RESTRICT"]) => rest,
        _ => tokens,
    };
    render(without_force).map(Plan::sql)
}

#[cfg(test)]
mod tests {
    use crate::sql::{plan, rewritten};

    #[test]
    fn a_view_may_have_no_schema_binding() {
        assert_eq!(
            rewritten(
                "create or replace view a.v (x) as select nvl(y, 0) from b with no schema binding"
            ),
            "CREATE OR REPLACE VIEW a.v (x) AS select coalesce(y, 0) from b"
        );
    }

    #[test]
    fn objects_that_redshift_does_not_have_are_refused() {
        for sql in [
            "create index i on t (a)",
            "create extension x",
            "create type t as enum ('a')",
            "drop index i",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }
}
