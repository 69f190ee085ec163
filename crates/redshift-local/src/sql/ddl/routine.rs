//! Procedures and functions.
//!
//! A body is checked and rewritten like any other SQL. It must not change the database user of the
//! caller, so everything that could is refused. SQL that is built at run time is refused too,
//! because it cannot be checked or rewritten.

use crate::sql::expression::{render, types};
use crate::sql::lexing::{Cursor, Kind, SqlError, Tok, lex, literal, quote, value};
use crate::sql::plan::Command;
use crate::sql::{refusal, setting};

/// Rewrites `CREATE [OR REPLACE] PROCEDURE | FUNCTION name (…) …`.
pub(crate) fn create(tokens: &[Tok<'_>]) -> Result<String, SqlError> {
    let mut cursor = Cursor::new(tokens);
    cursor.expect("CREATE")?;
    let replace = if cursor.eat(&["OR", "REPLACE"]) {
        "OR REPLACE "
    } else {
        ""
    };
    let Some(kind) = cursor.eat_any(&["PROCEDURE", "FUNCTION"]) else {
        return Err(cursor.unexpected());
    };
    let name = cursor.path()?;
    let arguments = render(cursor.parenthesised()?)?;
    let mut out = format!("CREATE {replace}{kind} {name}({arguments})");
    while cursor.peek().is_some() {
        out.push(' ');
        out.push_str(&attribute(&mut cursor)?);
    }
    Ok(out)
}

/// Takes one attribute after the arguments.
fn attribute(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    if cursor.eat(&["RETURNS"]) {
        return Ok(format!("RETURNS {}", types::cast(cursor)?));
    }
    if let Some(word) = cursor.eat_any(&["IMMUTABLE", "STABLE", "VOLATILE"]) {
        return Ok(word.to_owned());
    }
    if cursor.eat(&["SECURITY"]) {
        return match cursor.eat_any(&["DEFINER", "INVOKER"]) {
            Some(word) => Ok(format!("SECURITY {word}")),
            None => Err(cursor.unexpected()),
        };
    }
    if cursor.eat(&["LANGUAGE"]) {
        return language(cursor);
    }
    if cursor.eat(&["AS"]) {
        return body(cursor);
    }
    match cursor.eat_any(&["NONATOMIC", "SET"]) {
        Some(word) => Err(SqlError::unsupported(format!("a routine with {word}"))),
        None => Err(cursor.unexpected()),
    }
}

fn language(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    let name = cursor.name()?.to_lowercase();
    match name.as_str() {
        "plpgsql" | "sql" => Ok(format!("LANGUAGE {name}")),
        "plpythonu" | "plpython3u" | "exfunc" => {
            Err(SqlError::unsupported(format!("LANGUAGE {name}")))
        }
        _ => Err(SqlError::Refused(format!(
            "language \"{name}\" does not exist"
        ))),
    }
}

fn body(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    let text = match cursor.peek() {
        Some(token) if token.kind == Kind::Dollar => {
            let tag = token.text[1..].find('$').map_or(0, |at| at + 2);
            Some(token.text[tag..token.text.len() - tag].to_owned())
        }
        Some(token) if token.kind == Kind::Literal => value(token),
        _ => None,
    };
    let text = text.ok_or_else(|| cursor.unexpected())?;
    cursor.next();
    let tokens = lex(&text)?;
    let mut out = String::new();
    for part in tokens.split(|token| token.is_symbol(";")) {
        out.push_str(&statement(part)?);
        // `lex` drops a final semicolon, which PL/pgSQL requires after END.
        out.push_str("; ");
    }
    Ok(format!("AS {}", literal(&quote(out.trim_end()))))
}

/// Checks and rewrites one statement of a body, with the PL/pgSQL keywords before it.
fn statement(tokens: &[Tok<'_>]) -> Result<String, SqlError> {
    let checked: Vec<Tok<'_>> = tokens
        .iter()
        .filter(|token| !token.is_symbol(":="))
        .cloned()
        .collect();
    refusal::check(&checked)?;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        if before.is_some_and(|before| before.is_symbol(".")) {
            continue;
        }
        check_step(token, &tokens[at + 1..])?;
        if token.is_any(&["SET", "RESET", "DISCARD"]) && is_command(before) {
            let Command::Sql { main, .. } = setting::plan(Cursor::new(&tokens[at..]))?.command
            else {
                return Err(SqlError::Syntax(token.text.clone().into_owned()));
            };
            return Ok(format!("{} {main}", render(&tokens[..at])?));
        }
    }
    render(tokens)
}

/// Refuses statements that run text as SQL, or create an object that does.
fn check_step(token: &Tok<'_>, after: &[Tok<'_>]) -> Result<(), SqlError> {
    const MADE: &[&str] = &[
        "TABLE",
        "TEMP",
        "TEMPORARY",
        "LOCAL",
        "VIEW",
        "MATERIALIZED",
        "SCHEMA",
        "OR",
    ];
    let next = |words: &[&str]| after.first().is_some_and(|next| next.is_any(words));
    let text = after
        .first()
        .is_some_and(|next| matches!(next.kind, Kind::Literal | Kind::Dollar));
    let refused = token.kind == Kind::Dollar
        || (token.is("EXECUTE") && !next(&["ON"]))
        || (token.is("DO") && (text || next(&["LANGUAGE"])))
        || (token.is("CREATE") && !next(MADE))
        || (token.is("REPLACE")
            && !next(&["VIEW"])
            && !after.first().is_some_and(|t| t.is_symbol("(")))
        || (token.is("ALTER") && !next(&["TABLE"]));
    if refused {
        let word = token.text.to_uppercase();
        return Err(SqlError::unsupported(format!("{word} inside a procedure")));
    }
    Ok(())
}

/// Returns whether a command starts after `before`. In an UPDATE, SET follows the table instead.
fn is_command(before: Option<&Tok<'_>>) -> bool {
    before.is_none_or(|before| {
        before.is_any(&["BEGIN", "THEN", "ELSE", "LOOP"])
            || !(before.is_name() || before.is_symbol(")") || before.is_symbol("*"))
    })
}

#[cfg(test)]
mod tests {
    use crate::sql::{plan, rewritten};

    #[test]
    fn the_body_of_a_procedure_is_rewritten_and_checked() {
        insta::assert_snapshot!(
            rewritten("create or replace procedure p(a int) as $$ begin x := dateadd(day, 1, getdate()); end $$ language plpgsql"),
            @"CREATE OR REPLACE PROCEDURE p(a int) AS 'begin x := dateadd(''day'', 1, getdate()); end;' LANGUAGE plpgsql"
        );
        insta::assert_snapshot!(
            rewritten("create procedure p() language plpgsql as 'begin if true then set search_path = s; end if; update t set a = nvl(b, 0); end'"),
            @"CREATE PROCEDURE p() LANGUAGE plpgsql AS 'begin if true then SET search_path TO s, redshift_compat, pg_catalog; end if; update t set a = coalesce(b, 0); end;'"
        );
    }

    #[test]
    fn a_body_cannot_change_the_database_user() {
        for body in [
            "insert into t values (1) on conflict do nothing",
            "set role admin",
            "set local role admin",
            "set \"role\" to admin",
            "if true then set session authorization admin; end if",
            "<<here>> set session_authorization to admin",
            "reset session authorization",
            "execute 'reset ' || 'role'",
            "open c for execute x",
            "perform \"set_config\"('role', 'admin', false)",
            "do 'begin reset role; end'",
            "create function g() returns int as 'select 1' language sql set role to admin",
            "create or replace function g() returns int as 'select 1' language sql",
            "create aggregate a (text, bool) (sfunc = set_config, stype = text)",
            "alter function g() set role to admin",
            "update pg_settings set setting = 'admin' where name = 'role'",
        ] {
            for quoted in [
                format!("$$ begin {body}; end $$"),
                format!("'begin {}; end'", body.replace('\'', "''")),
            ] {
                let sql = format!("create procedure p() as {quoted} language plpgsql");
                assert!(plan(&sql, &[]).is_err(), "{sql}");
            }
        }
    }

    #[test]
    fn attributes_that_redshift_does_not_have_are_refused() {
        for tail in [
            "set role to admin",
            "set \"session_authorization\" = admin",
            "language internal",
            "parallel safe",
            "as 'a', 'b'",
        ] {
            let sql = format!("create function f() returns int as $$ select 1 $$ {tail}");
            assert!(plan(&sql, &[]).is_err(), "{sql}");
        }
    }
}
