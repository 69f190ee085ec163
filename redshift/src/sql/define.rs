//! `CREATE` and `DROP` of what is no table and no user.

use super::cursor::{Cursor, closing};
use super::expression::render;
use super::token::{Kind, Tok, lex};
use super::{Plan, SqlError, clause, refusal};

/// `CREATE [OR REPLACE] VIEW … [WITH NO SCHEMA BINDING]`.
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

/// `CREATE MATERIALIZED VIEW name [storage] AS …`.
pub(crate) fn materialized_view(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    cursor.expect("VIEW")?;
    let name = cursor.path()?;
    clause::skip_storage(&mut cursor)?;
    cursor.expect("AS")?;
    let query = render(cursor.take_rest())?;
    Ok(Plan::sql(format!(
        "CREATE MATERIALIZED VIEW {name} AS {query}"
    )))
}

/// `CREATE` of anything that has no parser of its own.
pub(crate) fn other(tokens: &[Tok<'_>], mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    const FOREIGN: &[&str] = &[
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
    const MISSING: &[&str] = &[
        "EXTERNAL",
        "DATASHARE",
        "MODEL",
        "LIBRARY",
        "MASKING",
        "RLS",
        "IDENTITY",
        "TEMPLATE",
    ];
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
        "PROCEDURE" | "FUNCTION" => routine(tokens).map(Plan::sql),
        _ if FOREIGN.contains(&word.as_str()) => {
            Err(SqlError::not_in_redshift(&format!("CREATE {word}")))
        }
        _ if MISSING.contains(&word.as_str()) => {
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

/// A procedure or function. Its body is SQL too, so it is checked and rewritten as such.
fn routine(tokens: &[Tok<'_>]) -> Result<String, SqlError> {
    let language = tokens
        .windows(2)
        .find(|pair| pair[0].is("LANGUAGE"))
        .map_or(String::new(), |pair| pair[1].text.to_lowercase());
    if language.starts_with("plpython") {
        return Err(SqlError::unsupported("LANGUAGE plpythonu"));
    }
    if let Some(token) = tokens.iter().find(|token| token.is("NONATOMIC")) {
        return Err(SqlError::unsupported(token.text.to_uppercase()));
    }
    let Some(open) = tokens.iter().position(|token| token.is_symbol("(")) else {
        return Err(SqlError::End);
    };
    let close = closing(tokens, open)?;
    let mut out = render(&tokens[..=close])?;
    for token in &tokens[close + 1..] {
        out.push(' ');
        if token.kind == Kind::Dollar {
            out.push_str(&body(&token.text)?);
        } else {
            out.push_str(&token.text);
        }
    }
    Ok(out)
}

fn body(dollar: &str) -> Result<String, SqlError> {
    let end = dollar[1..].find('$').map_or(dollar.len(), |at| at + 2);
    let (tag, rest) = dollar.split_at(end);
    let inner = rest.strip_suffix(tag).ok_or(SqlError::End)?;
    let tokens = lex(inner)?;
    let mut out = String::new();
    for statement in tokens.split(|token| token.is_symbol(";")) {
        escape(statement)?;
        let statement: Vec<Tok<'_>> = statement
            .iter()
            .filter(|t| t.text != ":=")
            .cloned()
            .collect();
        refusal::check(&statement)?;
    }
    for (at, statement) in tokens.split(|token| token.is_symbol(";")).enumerate() {
        out.push_str(if at == 0 { "" } else { "; " });
        out.push_str(&render(statement)?);
    }
    // The cutter drops a final semicolon, which plpgsql wants after END.
    Ok(format!("{tag} {out};{tag}"))
}

/// A body must not leave the database user that the caller was given.
fn escape(statement: &[Tok<'_>]) -> Result<(), SqlError> {
    let words: Vec<_> = statement
        .iter()
        .map(|token| token.text.to_lowercase())
        .collect();
    let text = words.join(" ");
    let leaves = [
        "session authorization",
        "session_authorization",
        "set role",
        "reset role",
        "discard",
    ]
    .iter()
    .any(|words| text.contains(words));
    if leaves {
        Err(SqlError::not_in_redshift(
            "changing the user inside a procedure",
        ))
    } else {
        Ok(())
    }
}

/// `DROP …`.
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
    use super::super::{Command, plan};

    fn main(sql: &str) -> String {
        match plan(sql, &[]).unwrap().command {
            Command::Sql { main, .. } => main,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_view_may_be_unbound() {
        assert_eq!(
            main(
                "create or replace view a.v (x) as select nvl(y, 0) from b with no schema binding"
            ),
            "CREATE OR REPLACE VIEW a.v (x) AS select coalesce(y, 0) from b"
        );
    }

    #[test]
    fn the_body_of_a_procedure_is_rewritten_and_checked() {
        insta::assert_snapshot!(
            main("create or replace procedure p(a int) as $$ begin x := dateadd(day, 1, getdate()); end $$ language plpgsql"),
            @"create or replace procedure p(a int) as $$ begin x := dateadd('day', 1, getdate()); end;$$ language plpgsql"
        );
        for body in [
            "insert into t values (1) on conflict do nothing",
            "execute 'reset ' || 'role'; set role admin",
        ] {
            let sql = format!("create procedure p() as $$ begin {body}; end $$ language plpgsql");
            assert!(plan(&sql, &[]).is_err(), "{sql}");
        }
    }

    #[test]
    fn what_redshift_cannot_create_is_refused() {
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
