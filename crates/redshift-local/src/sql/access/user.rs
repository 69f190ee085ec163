//! `CREATE USER`, `ALTER USER` and `CREATE ROLE`.

use crate::sql::lexing::{Cursor, SqlError, literal, quote};
use crate::sql::plan::Plan;
use crate::sql::setting;

/// Plans the rest of a statement after `CREATE USER`.
pub(crate) fn create(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let name = cursor.name()?;
    cursor.eat(&["WITH"]);
    let options = options(&mut cursor)?;
    if !options.iter().any(|option| option.starts_with("PASSWORD")) {
        return Err(SqlError::Refused(
            "CREATE USER requires the PASSWORD option".to_owned(),
        ));
    }
    Ok(Plan::sql(format!(
        "CREATE USER {name} {}",
        options.join(" ")
    )))
}

/// Plans the rest of a statement after `ALTER USER`.
pub(crate) fn alter(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let name = cursor.name()?;
    if cursor.eat(&["RENAME", "TO"]) {
        let renamed = cursor.name()?;
        cursor.finish()?;
        return Ok(Plan::sql(format!("ALTER USER {name} RENAME TO {renamed}")));
    }
    if cursor.eat(&["RESET"]) {
        let parameter = setting::parameter(&mut cursor)?;
        cursor.finish()?;
        return Ok(Plan::sql(format!("ALTER USER {name} RESET {parameter}")));
    }
    if cursor.eat(&["SET"]) {
        let setting = setting::assignment(&mut cursor)?;
        return Ok(Plan::sql(format!("ALTER USER {name} SET {setting}")));
    }
    cursor.eat(&["WITH"]);
    let options = options(&mut cursor)?;
    Ok(Plan::sql(format!(
        "ALTER USER {name} {}",
        options.join(" ")
    )))
}

/// Plans the rest of a statement after `CREATE ROLE`.
pub(crate) fn create_role(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let name = cursor.name()?;
    if cursor.eat(&["EXTERNALID"]) {
        cursor.text()?;
    }
    cursor.finish()?;
    Ok(Plan::sql(format!("CREATE ROLE {name}")))
}

/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html>
fn options(cursor: &mut Cursor<'_, '_>) -> Result<Vec<String>, SqlError> {
    let mut options = Vec::new();
    while cursor.peek().is_some() {
        options.extend(option(cursor)?);
    }
    Ok(options)
}

fn option(cursor: &mut Cursor<'_, '_>) -> Result<Option<String>, SqlError> {
    if cursor.eat(&["PASSWORD"]) {
        return password(cursor).map(Some);
    }
    if cursor.eat(&["VALID", "UNTIL"]) {
        let until = cursor.text()?;
        return Ok(Some(format!("VALID UNTIL {}", quote(&until))));
    }
    if cursor.eat(&["CONNECTION", "LIMIT"]) {
        let limit = if cursor.eat(&["UNLIMITED"]) {
            -1
        } else {
            cursor.integer()?
        };
        return Ok(Some(format!("CONNECTION LIMIT {limit}")));
    }
    if cursor.eat(&["IN", "GROUP"]) {
        let mut groups = vec![cursor.name()?];
        while cursor.eat_symbol(",") {
            groups.push(cursor.name()?);
        }
        return Ok(Some(format!("IN ROLE {}", groups.join(", "))));
    }
    if cursor.eat(&["SYSLOG", "ACCESS"]) {
        cursor.eat_any(&["RESTRICTED", "UNRESTRICTED"]);
        return Ok(None);
    }
    if cursor.eat(&["SESSION", "TIMEOUT"]) {
        cursor.integer()?;
        return Ok(None);
    }
    if cursor.eat(&["EXTERNALID"]) {
        cursor.text()?;
        return Ok(None);
    }
    match cursor.eat_any(&["CREATEDB", "NOCREATEDB", "CREATEUSER", "NOCREATEUSER"]) {
        Some("CREATEUSER") => Ok(Some("SUPERUSER".to_owned())),
        Some("NOCREATEUSER") => Ok(Some("NOSUPERUSER".to_owned())),
        Some(word) => Ok(Some(word.to_owned())),
        None => Err(cursor.unexpected()),
    }
}

/// Takes a password. A user with `PASSWORD DISABLE` can sign in through IAM only.
fn password(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    if cursor.eat(&["DISABLE"]) {
        return Ok("PASSWORD NULL".to_owned());
    }
    let text = cursor.text()?;
    if text.starts_with("sha256|") {
        return Err(SqlError::unsupported(
            "a password given as its SHA-256 hash",
        ));
    }
    let hashed = text.starts_with("md5") && text.len() == 35;
    let strong = (8..=64).contains(&text.len())
        && text.chars().any(|ch| ch.is_ascii_uppercase())
        && text.chars().any(|ch| ch.is_ascii_lowercase())
        && text.chars().any(|ch| ch.is_ascii_digit());
    if !hashed && !strong {
        return Err(SqlError::Refused(
            "Password must be 8 to 64 characters long and contain an upper case letter, a lower \
             case letter and a digit"
                .to_owned(),
        ));
    }
    Ok(format!("PASSWORD {}", literal(&quote(&text))))
}

#[cfg(test)]
mod tests {
    use crate::sql::{plan, rewritten};

    #[test]
    fn a_user_without_password_signs_in_through_iam() {
        assert_eq!(
            rewritten("create user \"IAMR:load\" password disable syslog access restricted"),
            "CREATE USER \"IAMR:load\" PASSWORD NULL"
        );
    }

    #[test]
    fn options_are_translated() {
        assert_eq!(
            rewritten(
                "create user a with password 'Abcdef12' createuser in group g connection limit unlimited"
            ),
            "CREATE USER a PASSWORD 'Abcdef12' SUPERUSER IN ROLE g CONNECTION LIMIT -1"
        );
    }

    #[test]
    fn weak_and_missing_passwords_are_refused() {
        for sql in [
            "create user a",
            "create user a password 'short'",
            "create user a login",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }
}
