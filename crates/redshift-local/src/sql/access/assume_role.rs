//! `GRANT ASSUMEROLE` and `REVOKE ASSUMEROLE`: who may use which IAM role of the cluster.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html>

use crate::sql::expression::SCHEMA;
use crate::sql::lexing::{Cursor, SqlError, literal, quote};
use crate::sql::plan::Plan;
use crate::sql::transfer::iam_role;

/// Commands that an IAM role can be granted for.
const COMMANDS: [&[&str]; 4] = [
    &["COPY"],
    &["UNLOAD"],
    &["EXTERNAL", "FUNCTION"],
    &["CREATE", "MODEL"],
];

/// Returns the plan of the whole statement. Idempotent: granting or revoking again changes nothing.
pub(crate) fn plan(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let grants = cursor.eat(&["GRANT"]);
    if !grants {
        cursor.expect("REVOKE")?;
    }
    cursor.expect("ASSUMEROLE")?;
    cursor.expect("ON")?;
    let every_role = cursor.eat(&["ALL"]);
    let roles = if every_role {
        vec!["ALL".to_owned()]
    } else {
        list(&mut cursor, iam_role)?
    };
    cursor.expect(if grants { "TO" } else { "FROM" })?;
    let grantees = list(&mut cursor, grantee)?;
    cursor.expect("FOR")?;
    let commands = commands(&mut cursor)?;
    cursor.finish()?;
    let (roles, commands) = (texts(&roles), texts(&commands));
    let grantees = format!("ARRAY[{}]::oid[]", grantees.join(", "));
    let main = if grants {
        format!(
            "INSERT INTO {SCHEMA}.assume_role SELECT * FROM unnest({roles}) iam_role, \
             unnest({grantees}) grantee, unnest({commands}) command ON CONFLICT DO NOTHING"
        )
    } else {
        format!(
            "DELETE FROM {SCHEMA}.assume_role WHERE grantee = ANY ({grantees}) \
             AND command = ANY ({commands}) AND ({every_role} OR iam_role = ANY ({roles}))"
        )
    };
    Ok(Plan::sql(main))
}

fn list<T>(
    cursor: &mut Cursor<'_, '_>,
    item: impl Fn(&mut Cursor<'_, '_>) -> Result<T, SqlError>,
) -> Result<Vec<T>, SqlError> {
    let mut items = vec![item(cursor)?];
    while cursor.eat_symbol(",") {
        items.push(item(cursor)?);
    }
    Ok(items)
}

/// Takes a user, a role or a group and returns an expression for its OID; `PUBLIC` is 0.
fn grantee(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    if cursor.eat(&["PUBLIC"]) {
        return Ok("0".to_owned());
    }
    cursor.eat_any(&["ROLE", "GROUP"]);
    let name = cursor.name()?;
    Ok(format!("{}::regrole", literal(&quote(&name))))
}

fn commands(cursor: &mut Cursor<'_, '_>) -> Result<Vec<String>, SqlError> {
    if cursor.eat(&["ALL"]) {
        return Ok(COMMANDS.iter().map(|words| words.join(" ")).collect());
    }
    list(cursor, |cursor| {
        let found = COMMANDS.iter().find(|words| cursor.eat(words));
        found
            .map(|words| words.join(" "))
            .ok_or_else(|| cursor.unexpected())
    })
}

fn texts(texts: &[String]) -> String {
    let quoted: Vec<_> = texts
        .iter()
        .map(|text| literal(&quote(text)).into_owned())
        .collect();
    format!("ARRAY[{}]::text[]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::sql::{plan, rewritten};

    #[test]
    fn a_privilege_is_a_row_for_each_role_grantee_and_command() {
        assert_eq!(
            rewritten(
                "grant assumerole on 'arn:aws:iam::000000000000:role/a', default to \"IAMR:load\", public for copy, create model"
            ),
            "INSERT INTO redshift_compat.assume_role SELECT * FROM \
             unnest(ARRAY['arn:aws:iam::000000000000:role/a', 'default']::text[]) iam_role, \
             unnest(ARRAY['\"IAMR:load\"'::regrole, 0]::oid[]) grantee, \
             unnest(ARRAY['COPY', 'CREATE MODEL']::text[]) command ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            rewritten("revoke assumerole on all from public for all"),
            "DELETE FROM redshift_compat.assume_role WHERE grantee = ANY (ARRAY[0]::oid[]) \
             AND command = ANY (ARRAY['COPY', 'UNLOAD', 'EXTERNAL FUNCTION', 'CREATE MODEL']::text[]) \
             AND (true OR iam_role = ANY (ARRAY['ALL']::text[]))"
        );
    }

    #[test]
    fn an_invalid_role_or_command_is_refused() {
        for sql in [
            "grant assumerole on 'copy' to a for copy",
            "grant assumerole on all to a for select",
            "grant assumerole on all to a",
            "grant assumerole on all from a for copy",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }
}
