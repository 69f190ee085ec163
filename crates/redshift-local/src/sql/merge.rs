//! `MERGE`, limited to the syntax that Redshift accepts.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html>

use super::expression::render;
use super::lexing::{Cursor, SqlError, Tok};
use super::plan::Plan;

/// Returns the plan of a `MERGE` statement.
pub(crate) fn plan(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    cursor.expect("MERGE")?;
    cursor.expect("INTO")?;
    let target = cursor.path()?;
    if !cursor.peek().is_some_and(|token| token.is("USING")) {
        return Err(SqlError::Refused(
            "MERGE target table cannot have an alias".to_owned(),
        ));
    }
    cursor.expect("USING")?;
    if cursor.peek().is_some_and(|token| token.is_symbol("(")) {
        return Err(SqlError::Refused("MERGE source must be a table".to_owned()));
    }
    let source = cursor.path()?;
    if source == target {
        return Err(SqlError::Refused(
            "MERGE source and target cannot be the same".to_owned(),
        ));
    }
    let alias = if cursor.eat(&["AS"]) || !cursor.peek().is_some_and(|token| token.is("ON")) {
        format!(" AS {}", cursor.name()?)
    } else {
        String::new()
    };
    cursor.expect("ON")?;
    let condition = render(up_to_clause(&mut cursor))?;
    if cursor.eat(&["REMOVE", "DUPLICATES"]) {
        cursor.finish()?;
        return Ok(remove_duplicates(&target, &source, &alias, &condition));
    }
    let (matched, not_matched) = clauses(&mut cursor)?;
    Ok(Plan::sql(format!(
        "MERGE INTO {target} USING {source}{alias} ON {condition} \
         WHEN MATCHED THEN {matched} WHEN NOT MATCHED THEN {not_matched}"
    )))
}

/// Parses the `WHEN` clauses. Redshift requires both, in either order, and accepts no condition on
/// them.
fn clauses(cursor: &mut Cursor<'_, '_>) -> Result<(String, String), SqlError> {
    let mut matched = None;
    let mut not_matched = None;
    while cursor.eat(&["WHEN"]) {
        let negated = cursor.eat(&["NOT"]);
        cursor.expect("MATCHED")?;
        if cursor.peek().is_some_and(|token| token.is("AND")) {
            return Err(SqlError::Refused(
                "MERGE does not support conditions on WHEN clauses".to_owned(),
            ));
        }
        cursor.expect("THEN")?;
        let action = up_to_clause(cursor);
        let slot = if negated {
            &mut not_matched
        } else {
            &mut matched
        };
        let verbs: &[&str] = if negated {
            &["INSERT"]
        } else {
            &["UPDATE", "DELETE"]
        };
        let fits = action.first().is_some_and(|word| word.is_any(verbs));
        if !fits || slot.is_some() {
            return Err(SqlError::Syntax(first_text(action)));
        }
        *slot = Some(render(action)?);
    }
    cursor.finish()?;
    match (matched, not_matched) {
        (Some(matched), Some(not_matched)) => Ok((matched, not_matched)),
        _ => Err(SqlError::Refused(
            "MERGE requires both a WHEN MATCHED and a WHEN NOT MATCHED clause".to_owned(),
        )),
    }
}

/// Takes tokens up to the next clause of the statement. A `WHEN` inside a `CASE` expression does
/// not start a clause.
fn up_to_clause<'t, 'a>(cursor: &mut Cursor<'t, 'a>) -> &'t [Tok<'a>] {
    let rest = cursor.rest();
    let mut depth = 0_usize;
    let end = (0..rest.len()).find(|at| {
        let token = &rest[*at];
        let qualified = at.checked_sub(1).is_some_and(|at| rest[at].is_symbol("."));
        if token.is_symbol("(") || (token.is("CASE") && !qualified) {
            depth += 1;
        } else if token.is_symbol(")") || (token.is("END") && !qualified) {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && starts_clause(&rest[*at..])
    });
    cursor.take(end.unwrap_or(rest.len()))
}

fn starts_clause(tokens: &[Tok<'_>]) -> bool {
    let mut cursor = Cursor::new(tokens);
    cursor.eat(&["WHEN", "MATCHED"])
        || cursor.eat(&["WHEN", "NOT", "MATCHED"])
        || cursor.eat(&["REMOVE", "DUPLICATES"])
}

fn first_text(tokens: &[Tok<'_>]) -> String {
    tokens
        .first()
        .map_or_else(String::new, |token| token.text.clone().into_owned())
}

/// Deletes the matching rows of the target, then inserts each distinct row of the source once.
fn remove_duplicates(target: &str, source: &str, alias: &str, condition: &str) -> Plan {
    Plan::with_after(
        format!("DELETE FROM {target} USING {source}{alias} WHERE {condition}"),
        vec![format!(
            "INSERT INTO {target} SELECT DISTINCT * FROM {source}"
        )],
    )
}

#[cfg(test)]
mod tests {
    use crate::sql::{Command, plan};

    #[test]
    fn both_clauses_pass_in_either_order() {
        let merge = plan(
            "merge into t using #s s on t.id = s.id \
             when not matched then insert (id, v) values (s.id, nvl(s.v, 0)) \
             when matched then update set v = s.v",
            &[],
        );
        let Command::Sql { main, .. } = merge.unwrap().command else {
            panic!()
        };
        insta::assert_snapshot!(main, @r##"MERGE INTO t USING "#s" AS s ON t.id = s.id WHEN MATCHED THEN update set v = s.v WHEN NOT MATCHED THEN insert (id, v) values (s.id, coalesce(s.v, 0))"##);
    }

    #[test]
    fn a_case_may_stand_anywhere() {
        let merge = plan(
            "merge into t using s on case when t.a > 0 then t.a else 0 end = s.a \
             when matched then update set v = case when s.v is null then t.v else s.v end \
             when not matched then insert values (s.a, case when true then 1 end)",
            &[],
        );
        let Command::Sql { main, .. } = merge.unwrap().command else {
            panic!()
        };
        insta::assert_snapshot!(main, @"MERGE INTO t USING s ON case when t.a > 0 then t.a else 0 end = s.a WHEN MATCHED THEN update set v = case when s.v is null then t.v else s.v end WHEN NOT MATCHED THEN insert values (s.a, case when true then 1 end)");
    }

    #[test]
    fn what_redshifts_merge_lacks_is_refused() {
        for sql in [
            "merge into t using s on a = b when matched then delete",
            "merge into t using (select 1) s on a = b when matched then delete when not matched then insert values (1)",
            "merge into t x using s on a = b when matched then delete when not matched then insert values (1)",
            "merge into t using s on a = b when matched and c then delete when not matched then insert values (1)",
            "merge into t using s on a = b when matched then do nothing when not matched then insert values (1)",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }

    #[test]
    fn remove_duplicates_is_a_delete_and_an_insert() {
        let merge = plan("merge into t using s on t.a = s.a remove duplicates", &[]).unwrap();
        let Command::Sql { main, after } = merge.command else {
            panic!()
        };
        assert_eq!(main, "DELETE FROM t USING s WHERE t.a = s.a");
        assert_eq!(after, ["INSERT INTO t SELECT DISTINCT * FROM s"]);
    }
}
