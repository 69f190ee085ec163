//! `GRANT`, `REVOKE` and `ALTER DEFAULT PRIVILEGES`.

use crate::sql::expression::render;
use crate::sql::lexing::{SqlError, Tok};
use crate::sql::plan::Plan;

/// Returns the plan of the whole statement. PostgreSQL accepts no `ROLE` before the name of a role,
/// so it is dropped.
pub(crate) fn plan(tokens: &[Tok<'_>]) -> Result<Plan, SqlError> {
    const UNSUPPORTED: &[&str] = &["DATASHARE", "MODEL", "RLS", "MASKING", "EXPLAIN"];
    if let Some(token) = tokens.iter().find(|token| token.is_any(UNSUPPORTED)) {
        return Err(SqlError::unsupported(format!(
            "GRANT {}",
            token.text.to_uppercase()
        )));
    }
    if let Some(token) = tokens
        .get(1)
        .filter(|token| token.is_any(&["DROP", "ALTER"]))
    {
        return Err(SqlError::unsupported(format!(
            "privilege {}",
            token.text.to_uppercase()
        )));
    }
    let mut kept: Vec<Tok<'_>> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let opens = kept.last().is_some_and(|last| {
            last.is_any(&["GRANT", "REVOKE", "TO", "FROM"]) || last.is_symbol(",") || last.is("FOR")
        });
        if token.is("ROLE") && opens {
            continue;
        }
        kept.push(token.clone());
    }
    render(&kept).map(Plan::sql)
}

#[cfg(test)]
mod tests {
    use crate::sql::rewritten;

    #[test]
    fn roles_and_groups_are_written_in_postgresqls_spelling() {
        assert_eq!(
            rewritten("grant role analyst to tableau"),
            "grant analyst to tableau"
        );
        assert_eq!(
            rewritten("GRANT SELECT ON ALL TABLES IN SCHEMA a TO ROLE analyst, GROUP g"),
            "GRANT SELECT ON ALL TABLES IN SCHEMA a TO analyst, GROUP g"
        );
        assert_eq!(
            rewritten(
                "alter default privileges for user \"IAM:A\" in schema s grant select on tables to role r"
            ),
            "alter default privileges for user \"IAM:A\" in schema s grant select on tables to r"
        );
    }
}
