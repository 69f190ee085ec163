//! `TRUNCATE`, `VACUUM`, `ANALYZE`, `LOCK` and `REFRESH`.

use crate::sql::expression::render;
use crate::sql::lexing::{Cursor, SqlError};
use crate::sql::plan::{Plan, Transaction};

/// Returns the plan of one of these statements.
pub(crate) fn plan(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let tokens = cursor.rest();
    match cursor.eat_any(&["TRUNCATE", "VACUUM", "ANALYZE", "ANALYSE", "LOCK"]) {
        Some("TRUNCATE") => truncate(cursor),
        Some("VACUUM") => vacuum(cursor),
        Some("LOCK") => lock(cursor),
        Some(_) => analyze(cursor),
        None => render(tokens).map(Plan::sql),
    }
}

/// Plans `TRUNCATE`, which takes one table and commits the transaction around it.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html>
fn truncate(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    cursor.eat(&["TABLE"]);
    let table = cursor.path()?;
    cursor.finish()?;
    let plan = Plan::sql(format!("TRUNCATE TABLE {table}"));
    Ok(Plan {
        transaction: Transaction::Commits,
        ..plan
    })
}

/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html>
fn vacuum(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    const KINDS: &[&[&str]] = &[
        &["FULL"],
        &["SORT", "ONLY"],
        &["DELETE", "ONLY"],
        &["REINDEX"],
        &["RECLUSTER"],
    ];
    for kind in KINDS {
        if cursor.eat(kind) {
            break;
        }
    }
    let ends = cursor
        .peek()
        .is_none_or(|token| token.is_any(&["TO", "BOOST"]));
    let table = if ends {
        String::new()
    } else {
        format!(" {}", cursor.path()?)
    };
    if cursor.eat(&["TO"]) {
        cursor.integer()?;
        cursor.expect("PERCENT")?;
    }
    cursor.eat(&["BOOST"]);
    cursor.finish()?;
    Ok(Plan::sql(format!("VACUUM{table}")).outside("VACUUM"))
}

fn analyze(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    if cursor.eat(&["COMPRESSION"]) {
        return Err(SqlError::unsupported("ANALYZE COMPRESSION"));
    }
    cursor.eat(&["VERBOSE"]);
    if cursor.peek().is_none() || cursor.eat(&["PREDICATE", "COLUMNS"]) {
        return Ok(Plan::sql("ANALYZE".to_owned()));
    }
    let table = cursor.path()?;
    let columns = match cursor.peek() {
        Some(token) if token.is_symbol("(") => format!(" ({})", cursor.names()?.join(", ")),
        _ => String::new(),
    };
    let _ = cursor.eat(&["PREDICATE", "COLUMNS"]) || cursor.eat(&["ALL", "COLUMNS"]);
    cursor.finish()?;
    Ok(Plan::sql(format!("ANALYZE {table}{columns}")))
}

/// Plans `LOCK`. Redshift has one lock mode, in which no other transaction reads or writes.
fn lock(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    cursor.eat(&["TABLE"]);
    let mut tables = vec![cursor.path()?];
    while cursor.eat_symbol(",") {
        tables.push(cursor.path()?);
    }
    cursor.finish()?;
    Ok(Plan::sql(format!(
        "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
        tables.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use crate::sql::{Transaction, plan, rewritten};

    #[test]
    fn maintenance_is_translated() {
        assert_eq!(
            rewritten("vacuum full s.t to 99 percent boost"),
            "VACUUM s.t"
        );
        assert_eq!(rewritten("analyze s.t predicate columns"), "ANALYZE s.t");
        assert_eq!(
            rewritten("lock a.b, c"),
            "LOCK TABLE a.b, c IN ACCESS EXCLUSIVE MODE"
        );
    }

    #[test]
    fn truncate_commits_and_takes_one_table() {
        assert_eq!(
            plan("truncate t", &[]).unwrap().transaction,
            Transaction::Commits
        );
        assert!(plan("truncate a, b", &[]).is_err());
        assert!(plan("truncate t restart identity", &[]).is_err());
    }
}
