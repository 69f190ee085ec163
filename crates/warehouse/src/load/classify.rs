//! Classifies failures by the error text of the warehouse.

/// Texts of Redshift (error 1023) and PostgreSQL for conflicting transactions.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html>
const CONFLICTS: [&str; 4] = [
    "serializable isolation violation",
    "conflict with concurrent transaction",
    "could not serialize access",
    "deadlock detected",
];

/// Names of the system views to which COPY refers for the rows that it refused.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html>
const LOAD_ERRORS: [&str; 2] = ["sys_load_error_detail", "stl_load_errors"];

/// Texts of COPY for a file that is missing, truncated or not gzip. These errors are permanent.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/s3serviceexception-error.html>
const FILE_FAULTS: [&str; 6] = [
    "inflate",
    "deflate",
    "gzip",
    "unexpected end of file",
    "nosuchkey",
    "specified key does not exist",
];

/// Texts of failures that are not caused by the content of the files: permissions, limits, space,
/// connections, shutdowns.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/s3serviceexception-error.html>
const TRANSIENT: [&str; 24] = [
    "access denied",
    "accessdenied",
    "not authorized",
    "permission denied",
    "assumerole",
    "iam role",
    "kms",
    "slow down",
    "slowdown",
    "reduce your request rate",
    "throttl",
    "status 5",
    "disk full",
    "no space left",
    "out of memory",
    "timeout",
    "timed out",
    "cancel",
    "connection",
    "shutting down",
    "starting up",
    "recovery mode",
    "manifest",
    "does not exist",
];

/// Texts of the statements after COPY for a value that does not fit. These errors are permanent.
const ROW_FAULTS: [&str; 5] = [
    "overflow",
    "out of range",
    "value too long",
    "cannot insert a null value",
    "violates not-null constraint",
];

/// Returns whether two transactions were in conflict.
pub(super) fn is_conflict(message: &str) -> bool {
    contains_any(message, &CONFLICTS)
}

/// Returns whether the load errors are in a system view.
fn points_to_load_errors(message: &str) -> bool {
    contains_any(message, &LOAD_ERRORS)
}

/// Returns whether the content of the files caused the failure. Other causes, such as a role, a key or throttling, may
/// be transient.
pub(super) fn is_of_files(message: &str) -> bool {
    if contains_any(message, &["reading manifest"]) {
        return false;
    }
    points_to_load_errors(message)
        || contains_any(message, &FILE_FAULTS)
        || contains_any(message, &ROW_FAULTS)
}

/// Returns whether the cause is known and is not the content of the files.
pub(super) fn is_transient(message: &str) -> bool {
    is_conflict(message) || (!is_of_files(message) && contains_any(message, &TRANSIENT))
}

fn contains_any(message: &str, words: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_failures_are_not_caused_by_the_files() {
        let a_file = "s3://staging/csv/v1/dt=2026-01-02/a.csv.gz";
        for message in [
            format!("S3ServiceException:Access Denied,Status 403,Error AccessDenied,{a_file}"),
            format!(
                "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,{a_file}"
            ),
            "User: copy is not authorized to perform: kms:Decrypt on resource: key".to_owned(),
            "Disk Full".to_owned(),
        ] {
            assert!(
                !is_of_files(&message) && is_transient(&message),
                "{message}"
            );
        }
    }

    #[test]
    fn a_conflict_is_transient_even_where_it_mentions_a_cause_in_the_files() {
        for message in [
            "Serializable isolation violation on table - 107149",
            "deadlock detected; check 'sys_load_error_detail'",
        ] {
            assert!(is_conflict(message) && is_transient(message), "{message}");
        }
        assert!(!is_conflict("Numeric data overflow"));
    }

    #[test]
    fn permanent_failures_are_caused_by_the_files() {
        for message in [
            "Load into table 'stage' failed.  Check 'sys_load_error_detail' system table for details.",
            "Load into table 'stage' failed.  Check 'STL_LOAD_ERRORS' system table for details.",
            "failed to inflate with zlib: invalid or incomplete deflate data",
            "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey",
            "Numeric data overflow (result precision)",
        ] {
            assert!(is_of_files(message) && !is_transient(message), "{message}");
        }
    }
}
