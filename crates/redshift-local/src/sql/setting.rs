//! `SET`, `RESET`, `SHOW`, and the statements that begin or end a transaction.

use super::expression::{SCHEMA, render};
use super::lexing::{Cursor, SqlError};
use super::plan::{Command, Plan, Transaction};

/// Parameters that have the same meaning in both databases.
const SHARED: &[&str] = &[
    "application_name",
    "client_encoding",
    "datestyle",
    "extra_float_digits",
    "statement_timeout",
    "timezone",
];

/// Redshift parameters that have no effect here. They are stored under the prefix `redshift.`, so
/// that `SHOW` returns them.
const KEPT: &[&str] = &[
    "analyze_threshold_percent",
    "auto_analyze",
    "auto_mv",
    "describe_field_name_in_uppercase",
    "enable_result_cache_for_session",
    "enable_numeric_rounding",
    "query_group",
    "max_concurrency_scaling_clusters",
    "use_fips_ssl",
    "wlm_query_slot_count",
];

pub(crate) fn plan(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    match cursor.eat_any(&["SET", "RESET", "SHOW"]) {
        Some("SET") => set(cursor),
        Some(verb) => {
            let name = parameter(&mut cursor)?;
            cursor.finish()?;
            Ok(Plan::sql(format!("{verb} {name}")))
        }
        None => Err(cursor.unexpected()),
    }
}

fn set(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    let local = if cursor.eat(&["LOCAL"]) { "LOCAL " } else { "" };
    cursor.eat(&["SESSION"]);
    let assignment = assignment(&mut cursor)?;
    Ok(Plan::sql(format!("SET {local}{assignment}")))
}

/// Takes `name TO value`, to the end of the statement.
pub(crate) fn assignment(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    let name = parameter(cursor)?;
    if !cursor.eat_symbol("=") {
        cursor.expect("TO")?;
    }
    let value = render(cursor.take_rest())?;
    if value.is_empty() {
        return Err(SqlError::End);
    }
    // Redshift's functions must stay reachable, and be found before PostgreSQL's of the same name.
    let tail = if name == "search_path" && !value.eq_ignore_ascii_case("default") {
        format!(", {SCHEMA}, pg_catalog")
    } else {
        String::new()
    };
    Ok(format!("{name} TO {value}{tail}"))
}

/// Takes the name of a parameter that a session may change. The database user is not one of them,
/// because the caller's IAM identity decides it.
pub(crate) fn parameter(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    if cursor.eat(&["TIME", "ZONE"]) {
        return Ok("timezone".to_owned());
    }
    let leaves = cursor.eat_any(&[
        "AUTHORIZATION",
        "ROLE",
        "SESSION",
        "SESSION_AUTHORIZATION",
        "ALL",
    ]);
    if let Some(word) = leaves {
        return Err(SqlError::Refused(format!(
            "permission denied to set {}: the user of a Data API session cannot be changed",
            word.to_lowercase()
        )));
    }
    let name = cursor.path()?.to_lowercase();
    if SHARED.contains(&name.as_str()) || name == "search_path" {
        return Ok(name);
    }
    if KEPT.contains(&name.as_str()) {
        return Ok(format!("redshift.{name}"));
    }
    if name == "enable_case_sensitive_identifier" || name.starts_with("enable_") {
        return Err(SqlError::unsupported(format!("parameter {name}")));
    }
    Err(SqlError::Refused(format!(
        "unrecognized configuration parameter \"{name}\""
    )))
}

/// Plans `BEGIN` and `START TRANSACTION`.
pub(crate) fn begin(mut cursor: Cursor<'_, '_>) -> Result<Plan, SqlError> {
    if cursor.eat(&["START"]) {
        cursor.expect("TRANSACTION")?;
    } else {
        cursor.expect("BEGIN")?;
        cursor.eat_any(&["WORK", "TRANSACTION"]);
    }
    if cursor.eat(&["ISOLATION", "LEVEL"]) {
        let _ = cursor.eat(&["SERIALIZABLE"])
            || cursor.eat(&["READ", "COMMITTED"])
            || cursor.eat(&["READ", "UNCOMMITTED"])
            || cursor.eat(&["REPEATABLE", "READ"]);
    }
    let read_only = !cursor.eat(&["READ", "WRITE"]) && cursor.eat(&["READ", "ONLY"]);
    finish(cursor, Command::Begin { read_only })
}

/// Plans `COMMIT`, `END`, `ROLLBACK` and `ABORT`; only `WORK` or `TRANSACTION` may follow.
pub(crate) fn finish(mut cursor: Cursor<'_, '_>, command: Command) -> Result<Plan, SqlError> {
    cursor.eat_any(&["COMMIT", "END", "ROLLBACK", "ABORT"]);
    cursor.eat_any(&["WORK", "TRANSACTION"]);
    cursor.finish()?;
    Ok(Plan {
        command,
        transaction: Transaction::Inside,
    })
}

#[cfg(test)]
mod tests {
    use crate::sql::{Command, plan, rewritten};

    #[test]
    fn parameters_of_redshift_are_kept_under_a_prefix() {
        assert_eq!(
            rewritten("set query_group to 'x'"),
            "SET redshift.query_group TO 'x'"
        );
        assert_eq!(rewritten("show query_group"), "SHOW redshift.query_group");
        assert_eq!(
            rewritten("set search_path = analytics"),
            "SET search_path TO analytics, redshift_compat, pg_catalog"
        );
    }

    #[test]
    fn the_database_user_cannot_be_changed() {
        for sql in [
            "set session authorization admin",
            "reset session authorization",
            "set local role admin",
            "reset role",
            "set role to admin",
            "reset all",
            "set session_authorization = 'admin'",
            "set \"role\" = 'admin'",
            "discard all",
        ] {
            assert!(plan(sql, &[]).is_err(), "{sql}");
        }
    }

    #[test]
    fn unknown_parameters_are_refused() {
        assert!(plan("set work_mem to '1GB'", &[]).is_err());
    }

    #[test]
    fn transactions_are_recognised() {
        assert_eq!(
            plan("begin isolation level serializable", &[])
                .unwrap()
                .command,
            Command::Begin { read_only: false }
        );
        assert_eq!(
            plan("start transaction read only", &[]).unwrap().command,
            Command::Begin { read_only: true }
        );
        assert!(plan("begin read only read write", &[]).is_err());
        assert_eq!(plan("end", &[]).unwrap().command, Command::Commit);
        assert!(plan("rollback to savepoint a", &[]).is_err());
    }
}
