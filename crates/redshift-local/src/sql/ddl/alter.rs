//! `ALTER`.

use super::column::Column;
use super::create_table::{constraint, guarded};
use super::storage;
use crate::sql::access::{grant, user};
use crate::sql::expression::{render, types};
use crate::sql::lexing::{Cursor, SqlError};
use crate::sql::plan::Plan;

/// Returns the plan of an `ALTER` statement.
pub(crate) fn plan(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let tokens = cursor.rest();
    cursor.expect("ALTER")?;
    if cursor.eat(&["TABLE"]) {
        let table = cursor.path()?;
        return alter_table(cursor, &table);
    }
    if cursor.eat(&["USER"]) {
        return user::alter(cursor);
    }
    match cursor.eat_any(&[
        "GROUP",
        "ROLE",
        "SCHEMA",
        "DEFAULT",
        "VIEW",
        "PROCEDURE",
        "FUNCTION",
        "DATABASE",
    ]) {
        Some("DEFAULT") => grant::plan(tokens),
        Some(kind) => other(cursor, kind),
        None => Err(
            match cursor.eat_any(&["MATERIALIZED", "EXTERNAL", "DATASHARE", "SYSTEM"]) {
                Some(word) => SqlError::unsupported(format!("ALTER {word}")),
                None => cursor.unexpected(),
            },
        ),
    }
}

/// Plans the `ALTER` of other objects, which can be renamed or get another owner, and little else.
/// PostgreSQL accepts far more: a parameter set on a function could change the database user.
fn other(mut cursor: Cursor<'_, '_>, kind: &str) -> Result<Plan, SqlError> {
    let mut name = cursor.path()?;
    let is_routine = matches!(kind, "PROCEDURE" | "FUNCTION");
    if is_routine && cursor.peek().is_some_and(|token| token.is_symbol("(")) {
        name = format!("{name}({})", render(cursor.parenthesised()?)?);
    }
    let change = if let Some(verb) = cursor.eat_any(&["RENAME", "OWNER"]) {
        cursor.expect("TO")?;
        format!("{verb} TO {}", cursor.name()?)
    } else if kind == "GROUP"
        && let Some(verb) = cursor.eat_any(&["ADD", "DROP"])
    {
        cursor.expect("USER")?;
        format!("{verb} USER {}", render(cursor.take_rest())?)
    } else if kind == "DATABASE" && cursor.eat(&["CONNECTION", "LIMIT"]) {
        let unlimited = cursor.eat(&["UNLIMITED"]);
        let limit = if unlimited { -1 } else { cursor.integer()? };
        format!("CONNECTION LIMIT {limit}")
    } else {
        return Err(cursor.unexpected());
    };
    cursor.finish()?;
    Ok(Plan::sql(format!("ALTER {kind} {name} {change}")))
}

fn alter_table(mut cursor: Cursor<'_, '_>, table: &str) -> Result<Plan, SqlError> {
    if cursor.eat(&["ADD"]) {
        return add(cursor, table);
    }
    if cursor.eat(&["DROP"]) {
        return drop_part(cursor, table);
    }
    if cursor.eat(&["RENAME"]) {
        let rest = render(cursor.take_rest())?;
        return Ok(Plan::sql(format!("ALTER TABLE {table} RENAME {rest}")));
    }
    if cursor.eat(&["OWNER", "TO"]) {
        let rest = cursor.name()?;
        cursor.finish()?;
        return Ok(Plan::sql(format!("ALTER TABLE {table} OWNER TO {rest}")));
    }
    if cursor.eat(&["APPEND", "FROM"]) {
        return append(cursor, table);
    }
    cursor.expect("ALTER")?;
    let mut ahead = cursor.clone();
    if ahead.eat(&["COLUMN"]) {
        return alter_column(ahead, table);
    }
    if ahead.eat(&["DISTKEY"]) || ahead.eat(&["DISTSTYLE", "KEY", "DISTKEY"]) {
        ahead.name()?;
        ahead.finish()?;
        return Ok(Plan::nothing());
    }
    storage::skip_storage(&mut cursor)?;
    cursor.finish()?;
    Ok(Plan::nothing())
}

fn add(mut cursor: Cursor<'_, '_>, table: &str) -> Result<Plan, SqlError> {
    if constraint(cursor.clone())?.is_some() {
        return Ok(Plan::nothing());
    }
    cursor.eat(&["COLUMN"]);
    if cursor.peek().is_some_and(|token| token.is("IF")) {
        return Err(cursor.unexpected());
    }
    let column = Column::parse(cursor.take_rest())?;
    let main = format!("ALTER TABLE {table} ADD COLUMN {}", column.text());
    Ok(guarded(main, table))
}

fn drop_part(mut cursor: Cursor<'_, '_>, table: &str) -> Result<Plan, SqlError> {
    let key = cursor.eat(&["CONSTRAINT"]);
    cursor.eat(&["COLUMN"]);
    let name = cursor.name()?;
    let cascade = cursor.eat_any(&["CASCADE", "RESTRICT"]).unwrap_or_default();
    cursor.finish()?;
    if key {
        return Ok(Plan::nothing());
    }
    Ok(Plan::sql(format!(
        "ALTER TABLE {table} DROP COLUMN {name} {cascade}"
    )))
}

/// Plans `ALTER COLUMN`. Only a VARCHAR can be made longer, and not in a transaction.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html>
fn alter_column(mut cursor: Cursor<'_, '_>, table: &str) -> Result<Plan, SqlError> {
    let name = cursor.name()?;
    if cursor.eat(&["ENCODE"]) {
        cursor.name()?;
        cursor.finish()?;
        return Ok(Plan::nothing());
    }
    cursor.expect("TYPE")?;
    let target = types::column(&mut cursor)?;
    cursor.finish()?;
    if !target.starts_with("varchar") {
        return Err(SqlError::Refused(format!(
            "cannot alter type of column {name}: only the size of a VARCHAR column can be changed"
        )));
    }
    let main = format!("ALTER TABLE {table} ALTER COLUMN {name} TYPE {target}");
    Ok(guarded(main, table).outside("ALTER TABLE ALTER COLUMN"))
}

fn append(mut cursor: Cursor<'_, '_>, table: &str) -> Result<Plan, SqlError> {
    let source = cursor.path()?;
    if cursor.peek().is_some() {
        return Err(SqlError::unsupported(
            "ALTER TABLE APPEND with IGNOREEXTRA or FILLTARGET",
        ));
    }
    let main = format!("INSERT INTO {table} SELECT * FROM {source}");
    let after = vec![format!("DELETE FROM {source}")];
    Ok(Plan::with_after(main, after).outside("ALTER TABLE APPEND"))
}

#[cfg(test)]
mod tests {
    use crate::sql::{Command, Transaction, plan};

    #[test]
    fn storage_options_change_nothing() {
        for sql in [
            "alter table t alter sortkey (a, b)",
            "alter table t alter distkey a",
            "alter table t alter diststyle even",
            "alter table t alter column a encode zstd",
            "alter table t add primary key (a)",
        ] {
            assert_eq!(plan(sql, &[]).unwrap().command, Command::Nothing, "{sql}");
        }
    }

    #[test]
    fn a_longer_varchar_cannot_run_in_a_transaction() {
        let plan = plan("alter table t alter column a type varchar(99)", &[]).unwrap();
        assert_eq!(
            plan.transaction,
            Transaction::Outside("ALTER TABLE ALTER COLUMN")
        );
    }

    #[test]
    fn changes_that_redshift_does_not_support_are_refused() {
        for sql in [
            "alter table t add column if not exists a int",
            "alter table t alter column a type int",
            "alter table t add column a int, add column b int",
            "alter table t enable trigger x",
            "alter function f() set session_authorization to admin",
            "alter procedure p(int) security definer set role to admin",
            "alter database d set role to admin",
            "alter role r set role to admin",
            "alter schema s set x",
            "alter user u set role to admin",
            "alter user u reset all",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }
}
