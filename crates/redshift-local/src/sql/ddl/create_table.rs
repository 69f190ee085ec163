//! `CREATE TABLE`, with columns or from a query.
//!
//! Keys are read and dropped, because Redshift does not enforce them. Lengths of strings are
//! checked in bytes by constraints that `guard_bytes` of the compatibility schema adds.

use super::column::Column;
use super::storage;
use crate::sql::expression::{SCHEMA, render};
use crate::sql::lexing::{Cursor, SqlError, Tok, split};
use crate::sql::plan::Plan;

/// Plans the rest of a statement after `CREATE [TEMP] TABLE`.
pub(crate) fn plan(mut cursor: Cursor<'_, '_>, temporary: bool) -> Result<Plan, SqlError> {
    let if_not_exists = cursor.eat(&["IF", "NOT", "EXISTS"]);
    let name = cursor.path()?;
    let kind = if temporary || name.starts_with("\"#") {
        "TEMP TABLE"
    } else {
        "TABLE"
    };
    let exists = if if_not_exists { " IF NOT EXISTS" } else { "" };
    let mut main = format!("CREATE {kind}{exists} {name}");
    if cursor.peek().is_some_and(|token| token.is_symbol("(")) {
        let inner = cursor.parenthesised()?;
        storage::skip_storage(&mut cursor)?;
        if cursor.peek().is_none() {
            main = format!("{main} ({})", elements(inner)?.join(", "));
            return Ok(guarded(main, &name));
        }
        main = format!("{main} ({})", render(inner)?);
    }
    storage::skip_storage(&mut cursor)?;
    cursor.expect("AS")?;
    let query = render(cursor.take_rest())?;
    if query.is_empty() {
        return Err(SqlError::End);
    }
    Ok(guarded(format!("{main} AS {query}"), &name))
}

/// Returns a plan that runs `main`, then adds the checks of byte lengths to table `name`.
pub(crate) fn guarded(main: String, name: &str) -> Plan {
    let literal = name.replace('\'', "''");
    Plan::with_after(
        main,
        vec![format!("SELECT {SCHEMA}.guard_bytes('{literal}')")],
    )
}

fn elements(inner: &[Tok<'_>]) -> Result<Vec<String>, SqlError> {
    let mut columns = Vec::new();
    let mut likes = Vec::new();
    let mut keys = Vec::new();
    for part in split(inner) {
        let mut cursor = Cursor::new(part);
        if cursor.eat(&["LIKE"]) {
            likes.push(like(cursor)?);
        } else if let Some(key) = constraint(cursor)? {
            keys.extend(key);
        } else {
            columns.push(Column::parse(part)?);
        }
    }
    for column in &mut columns {
        column.not_null |= keys.contains(&column.name);
    }
    if columns.is_empty() && likes.is_empty() {
        return Err(SqlError::Refused(
            "A relation must have at least one column.".to_owned(),
        ));
    }
    Ok(columns.iter().map(Column::text).chain(likes).collect())
}

fn like(mut cursor: Cursor<'_, '_>) -> Result<String, SqlError> {
    let source = cursor.path()?;
    let defaults = if cursor.eat(&["INCLUDING", "DEFAULTS"]) {
        " INCLUDING DEFAULTS"
    } else {
        cursor.eat(&["EXCLUDING", "DEFAULTS"]);
        ""
    };
    cursor.finish()?;
    Ok(format!("LIKE {source}{defaults}"))
}

/// Parses a table constraint. Returns `None` if there is none at `cursor`, otherwise the columns
/// that it makes NOT NULL.
pub(crate) fn constraint(mut cursor: Cursor<'_, '_>) -> Result<Option<Vec<String>>, SqlError> {
    if cursor.eat(&["CONSTRAINT"]) {
        cursor.name()?;
    }
    if cursor.eat(&["PRIMARY", "KEY"]) {
        let names = cursor.names()?;
        cursor.finish()?;
        return Ok(Some(names));
    }
    if cursor.eat(&["FOREIGN", "KEY"]) {
        cursor.names()?;
        cursor.expect("REFERENCES")?;
        cursor.path()?;
        if cursor.peek().is_some() {
            cursor.names()?;
        }
        cursor.finish()?;
        return Ok(Some(Vec::new()));
    }
    let mut ahead = cursor.clone();
    if ahead.eat(&["UNIQUE"]) && ahead.peek().is_some_and(|token| token.is_symbol("(")) {
        ahead.names()?;
        ahead.finish()?;
        return Ok(Some(Vec::new()));
    }
    match cursor.eat_any(&["CHECK", "EXCLUDE"]) {
        Some(word) => Err(SqlError::not_in_redshift(&format!("a {word} constraint"))),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::{plan, rewritten};

    #[test]
    fn columns_are_kept_and_storage_and_keys_are_dropped() {
        insta::assert_snapshot!(
            rewritten("create table if not exists s.t (id int, v varchar(16) encode lzo, \
                  primary key (id), foreign key (v) references u (w)) \
                  backup no diststyle key distkey(id) compound sortkey(id, v)"),
            @"CREATE TABLE IF NOT EXISTS s.t (id int NOT NULL, v varchar(16))"
        );
    }

    #[test]
    fn a_table_whose_name_starts_with_a_hash_is_temporary() {
        insta::assert_snapshot!(rewritten("create table #Stage (like retail.t)"), @r##"CREATE TEMP TABLE "#stage" (LIKE retail.t)"##);
    }

    #[test]
    fn storage_is_dropped_from_a_table_created_from_a_query() {
        insta::assert_snapshot!(
            rewritten("create temp table a distkey(x) sortkey(y) as select top 2 * from b"),
            @"CREATE TEMP TABLE a AS select * from b LIMIT 2"
        );
    }

    #[test]
    fn clauses_that_only_postgresql_has_are_refused() {
        for sql in [
            "create table t (a int) inherits (u)",
            "create table t (a int) with (fillfactor = 10)",
            "create temp table t (a int) on commit drop",
            "create table t (a int, check (a > 0))",
            "create unlogged table t (a int)",
            "create table t ()",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }
}
