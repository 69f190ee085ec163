//! PostgreSQL's errors in Redshift's wording.

use tokio_postgres::error::{DbError, SqlState};

/// A failed statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// Complete message for the client, including the severity.
    pub(crate) message: String,
    /// Whether the statement was cancelled.
    pub(crate) cancelled: bool,
}

impl Failure {
    /// Returns a failure with severity `ERROR`.
    pub(crate) fn error(message: impl std::fmt::Display) -> Self {
        Self {
            message: format!("ERROR: {message}"),
            cancelled: false,
        }
    }
}

/// Translates an error of PostgreSQL to Redshift's wording.
pub(crate) fn explain(error: &tokio_postgres::Error) -> Failure {
    match error.as_db_error() {
        Some(error) => Failure {
            message: translate(error),
            cancelled: *error.code() == SqlState::QUERY_CANCELED
                && error.message().contains("user request"),
        },
        None => Failure::error(format!("the connection to the database failed: {error}")),
    }
}

fn translate(error: &DbError) -> String {
    let code = error.code();
    let message = error.message();
    if *code == SqlState::CHECK_VIOLATION
        && let Some(too_long) = error.constraint().and_then(too_long)
    {
        return format!("ERROR: {too_long}");
    }
    if *code == SqlState::NOT_NULL_VIOLATION
        && let Some(column) = error.column()
    {
        return format!("ERROR: Cannot insert a NULL value into column {column}");
    }
    if *code == SqlState::CARDINALITY_VIOLATION && message.starts_with("MERGE") {
        return "ERROR: Found multiple matches to update the same tuple.".to_owned();
    }
    if *code == SqlState::T_R_SERIALIZATION_FAILURE {
        return format!(
            "ERROR: 1023\n  Detail: Serializable isolation violation on table in Redshift: {message}"
        );
    }
    let message = if *code == SqlState::DUPLICATE_TABLE {
        message.replacen("relation", "Relation", 1)
    } else {
        message.replacen(
            "permission denied for table",
            "permission denied for relation",
            1,
        )
    };
    let detail = error
        .detail()
        .map(|detail| format!("\n  Detail: {detail}"))
        .unwrap_or_default();
    let hint = error
        .hint()
        .map(|hint| format!("\n  Hint: {hint}"))
        .unwrap_or_default();
    format!("{}: {message}{detail}{hint}", error.severity())
}

/// Returns the message for a violated check of `guard_bytes`, whose name is
/// `bytes:<column>:<length>:<type>`.
fn too_long(constraint: &str) -> Option<String> {
    let mut parts = constraint.strip_prefix("bytes:")?.split(':').skip(1);
    let length = parts.next()?;
    let kind = match parts.next()? {
        "bpchar" => "character",
        _ => "character varying",
    };
    Some(format!("value too long for type {kind}({length})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violated_length_check_is_reported_as_a_value_too_long() {
        assert_eq!(
            too_long("bytes:3:16:varchar").unwrap(),
            "value too long for type character varying(16)"
        );
        assert_eq!(
            too_long("bytes:1:2:bpchar").unwrap(),
            "value too long for type character(2)"
        );
        assert_eq!(too_long("positive"), None);
    }
}
