//! Refuses SQL that only PostgreSQL has, and Redshift SQL that this server cannot run.
//!
//! Accepting more than Redshift does would hide errors until production, and guessing would give
//! wrong answers. Both are refused here, before PostgreSQL sees the statement.

mod call;
mod vocabulary;

use crate::sql::lexing::{Kind, SqlError, Tok, closing, split};
use vocabulary::{NEED_FRAME, POSTGRES_OPERATORS, POSTGRES_PHRASES, POSTGRES_WORDS};

/// Checks the whole statement.
///
/// # Errors
///
/// Returns [`SqlError`] for the first token that is refused.
pub(crate) fn check(tokens: &[Tok<'_>]) -> Result<(), SqlError> {
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let after = &tokens[at..];
        call::check(tokens, at)?;
        match token.kind {
            Kind::Word => check_word(token, before, after)?,
            Kind::Symbol => check_symbol(token, after)?,
            _ => {}
        }
        if token.is("OVER") {
            check_window(&tokens[..at], after)?;
        }
    }
    check_generate_series(tokens)
}

fn check_word(
    token: &Tok<'_>,
    before: Option<&Tok<'_>>,
    after: &[Tok<'_>],
) -> Result<(), SqlError> {
    if before.is_some_and(|before| before.is_symbol(".") || before.is("AS")) {
        return Ok(());
    }
    for phrase in POSTGRES_PHRASES {
        let here = phrase.len() <= after.len()
            && phrase.iter().zip(after).all(|(word, token)| token.is(word));
        if here {
            return Err(SqlError::not_in_redshift(&phrase.join(" ")));
        }
    }
    if token.is_any(POSTGRES_WORDS) {
        return Err(SqlError::not_in_redshift(&token.text.to_uppercase()));
    }
    if let Some(clause) = postgres_clause(token, after) {
        return Err(SqlError::not_in_redshift(clause));
    }
    check_clause(token, before, after)
}

/// Returns the clause that starts at `token`, if PostgreSQL has it and Redshift does not.
fn postgres_clause(token: &Tok<'_>, after: &[Tok<'_>]) -> Option<&'static str> {
    let next = |at: usize, words: &[&str]| after.get(at).is_some_and(|next| next.is_any(words));
    let name = |at: usize| after.get(at).is_some_and(Tok::is_name);
    let opens = |at: usize| after.get(at).is_some_and(|next| next.is_symbol("("));
    if token.is("FETCH") && next(1, &["NEXT"]) && !next(2, &["FROM", "IN"]) {
        return Some("FETCH NEXT … ROWS");
    }
    if token.is("WITH") && next(1, &["DATA"]) && after.len() == 2 {
        return Some("WITH DATA");
    }
    let kept = 1 + usize::from(next(1, &["NOT"]));
    if token.is("AS") && next(kept, &["MATERIALIZED"]) && opens(kept + 1) {
        return Some("AS MATERIALIZED");
    }
    if token.is("WINDOW") && name(1) && next(2, &["AS"]) && opens(3) {
        return Some("WINDOW");
    }
    None
}

/// Refuses clauses that Redshift has and PostgreSQL does not.
fn check_clause(
    token: &Tok<'_>,
    before: Option<&Tok<'_>>,
    after: &[Tok<'_>],
) -> Result<(), SqlError> {
    let follows_expression = before.is_some_and(|before| {
        before.kind != Kind::Symbol && !before.is("SELECT")
            || before.is_symbol(")")
            || before.is_symbol("*")
    });
    let opens = |word: &str| token.is(word) && after.get(1).is_some_and(|next| next.is_symbol("("));
    let clause = if !follows_expression {
        None
    } else if token.is("QUALIFY")
        && after
            .get(1)
            .is_some_and(|next| next.is_name() || next.is_symbol("("))
    {
        Some("QUALIFY")
    } else if opens("PIVOT") {
        Some("PIVOT")
    } else if opens("UNPIVOT") {
        Some("UNPIVOT")
    } else if token.is("CONNECT") && after.get(1).is_some_and(|next| next.is("BY")) {
        Some("CONNECT BY")
    } else if token.is("EXCLUDE") && before.is_some_and(|before| before.is_symbol("*")) {
        Some("SELECT * EXCLUDE")
    } else if token.is_any(&["IGNORE", "RESPECT"])
        && after.get(1).is_some_and(|next| next.is("NULLS"))
    {
        Some("IGNORE NULLS")
    } else {
        None
    };
    clause.map_or(Ok(()), |clause| Err(SqlError::unsupported(clause)))
}

fn check_symbol(token: &Tok<'_>, after: &[Tok<'_>]) -> Result<(), SqlError> {
    let text = token.text.as_ref();
    if text == "[" || text == "]" {
        return Err(SqlError::not_in_redshift("array"));
    }
    if text == ";" {
        return Err(SqlError::Refused(
            "cannot insert multiple commands into a prepared statement".to_owned(),
        ));
    }
    if POSTGRES_OPERATORS.contains(&text) {
        return Err(SqlError::not_in_redshift(&format!("operator {text}")));
    }
    let inside = after.get(1);
    if text == "(" && inside.is_some_and(|next| next.is("VALUES")) {
        return Err(SqlError::not_in_redshift("VALUES as a table"));
    }
    if text == "("
        && inside.is_some_and(|next| next.is_any(&["INSERT", "UPDATE", "DELETE"]))
        && after.get(2).is_some_and(Tok::is_name)
    {
        return Err(SqlError::not_in_redshift(
            "a data-modifying query inside another",
        ));
    }
    Ok(())
}

/// Refuses windows that Redshift does not accept: an aggregate over an ordered window needs `ROWS
/// …`, and `ROWS` is the only unit of a frame.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html>
fn check_window(before: &[Tok<'_>], after: &[Tok<'_>]) -> Result<(), SqlError> {
    let opens = after.get(1).is_some_and(|next| next.is_symbol("("));
    if !opens && before.last().is_some_and(|before| before.is_symbol(")")) {
        return Err(SqlError::not_in_redshift("a named window"));
    }
    if !opens {
        return Ok(());
    }
    let window = &after[2..closing(after, 1)?];
    if window
        .iter()
        .any(|token| token.is_any(&["RANGE", "GROUPS"]))
    {
        return Err(SqlError::not_in_redshift("a window frame other than ROWS"));
    }
    let ordered = window
        .windows(2)
        .any(|pair| pair[0].is("ORDER") && pair[1].is("BY"));
    let framed = window.iter().any(|token| token.is("ROWS"));
    if ordered && !framed && called(before).is_some_and(|token| token.is_any(NEED_FRAME)) {
        return Err(SqlError::Refused(
            "Aggregate window functions with an ORDER BY clause require a frame clause".to_owned(),
        ));
    }
    Ok(())
}

/// Returns the function whose call ends at the end of `tokens`.
fn called<'t, 'a>(tokens: &'t [Tok<'a>]) -> Option<&'t Tok<'a>> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().rev() {
        if token.is_symbol(")") {
            depth += 1;
        } else if token.is_symbol("(") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return tokens.get(at.checked_sub(1)?);
            }
        }
    }
    None
}

/// Refuses `generate_series` together with a table: it runs only on Redshift's leader node.
fn check_generate_series(tokens: &[Tok<'_>]) -> Result<(), SqlError> {
    if !tokens.iter().any(|token| token.is("generate_series")) {
        return Ok(());
    }
    let queries: Vec<&str> = tokens
        .windows(3)
        .filter(|three| three[0].is_name() && three[1].is("AS") && three[2].is_symbol("("))
        .map(|three| three[0].text.as_ref())
        .collect();
    let writes = tokens
        .iter()
        .any(|token| token.is_any(&["INSERT", "CREATE", "UPDATE", "DELETE", "MERGE"]));
    let reads = tokens.iter().enumerate().any(|(at, token)| {
        token.is_any(&["FROM", "JOIN"])
            && sources(&tokens[at + 1..]).iter().any(|source| {
                !source.is("generate_series") && !queries.contains(&source.text.as_ref())
            })
    });
    if writes || reads {
        return Err(SqlError::Refused(
            "Specified types or functions (one per INFO message) not supported on Redshift \
             tables: function generate_series runs on the leader node only"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Returns the first word of each comma-separated source at the start of `tokens`.
fn sources<'t, 'a>(tokens: &'t [Tok<'a>]) -> Vec<&'t Tok<'a>> {
    const END: &[&str] = &[
        "WHERE", "GROUP", "ORDER", "LIMIT", "UNION", "JOIN", "LEFT", "HAVING",
    ];
    let end = tokens
        .iter()
        .position(|token| token.is_any(END))
        .unwrap_or(tokens.len());
    split(&tokens[..end])
        .into_iter()
        .filter_map(|source| source.first())
        .filter(|token| token.is_name())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn refused(sql: &str) -> bool {
        check(&lex(sql).unwrap()).is_err()
    }

    #[test]
    fn sql_that_only_postgresql_has_is_refused() {
        for sql in [
            "insert into t values (1) on conflict do nothing",
            "delete from t returning a",
            "select distinct on (a) a from t",
            "select array_agg(a) from t",
            "select a->>'b' from t",
            "select * from t, lateral (select 1) x",
            "select count(*) filter (where a) from t",
            "select * from (values (1), (2)) v",
            "with x as (delete from t where a) select 1",
            "select 1; select 2",
            "select set_config('role', 'admin', false)",
            "select pg_catalog.set_config('role', 'admin', false)",
            "select \"SET_CONFIG\"('role', 'admin', false)",
            "select pg_catalog.string_agg(a, ',') from t",
            "update pg_settings set setting = 'admin' where name = 'role'",
            "select query_to_xml('select 1', true, true, '')",
            "select corr(a, b), div(7, 2) from t",
            "select regr_slope(a, b) from t",
            "select a is not distinct from b from t",
            "select jsonb '{}'",
            "select a from t fetch next 5 rows only",
            "with x as materialized (select 1) select * from x",
            "select sum(a) over w from t window w as (order by b rows unbounded preceding)",
            "create table a as select 1 with no data",
            "create table a as select 1 with data",
            "insert into t select generate_series(1, 3)",
            "select * from t, generate_series(1, 3)",
        ] {
            assert!(refused(sql), "{sql}");
        }
    }

    #[test]
    fn sql_that_redshift_has_is_accepted() {
        for sql in [
            "insert into t values (1), (2)",
            "select \"returning\", t.lateral from t",
            "select * from generate_series(1, 3) g",
            "with s as (select generate_series(1, 3) n) select * from s",
            "select row_number() over (partition by a order by b) from t",
            "select sum(a) over (order by b rows unbounded preceding) from t",
            "select sum(a) over (partition by b) from t",
            "with data as (select 1 as materialized) select * from data",
            "insert into s.format (a) select b from c",
            "with path (a) as (select 1) select * from path as line (b)",
            "fetch next from c",
        ] {
            assert!(!refused(sql), "{sql}");
        }
    }

    #[test]
    fn an_ordered_aggregate_needs_a_frame() {
        assert!(refused(
            "select sum(a + max(b)) over (partition by c order by d) from t"
        ));
        assert!(!refused(
            "select rank() over (order by sum(a)) from t group by b"
        ));
    }

    #[test]
    fn clauses_that_only_redshift_has_are_reported_as_unsupported() {
        let sql = "select a from t where true qualify row_number() over (order by a) = 1";
        let error = check(&lex(sql).unwrap()).unwrap_err();
        assert_eq!(error, SqlError::unsupported("QUALIFY"));
    }
}
