//! What the warehouse's words on a failure mean.

/// Words of Redshift (its error 1023) and PostgreSQL when two transactions got in each other's way.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html>
const CONFLICTS: [&str; 4] = [
    "serializable isolation violation",
    "conflict with concurrent transaction",
    "could not serialize access",
    "deadlock detected",
];

/// Where COPY says that it tells more, of rows and the files that they are in.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html>
const LOAD_ERRORS: [&str; 2] = ["sys_load_error_detail", "stl_load_errors"];

/// Words of COPY when a file is no gzip, broken off, or not there. They will be the same tomorrow.
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

/// Words of a failure that has nothing to do with what the files hold: rights, limits, space, connections, stops.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/s3serviceexception-error.html>
const PASSING: [&str; 24] = [
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

/// Words of the steps behind COPY when a row does not fit. They will be the same tomorrow, too.
const ROW_FAULTS: [&str; 5] = [
    "overflow",
    "out of range",
    "value too long",
    "cannot insert a null value",
    "violates not-null constraint",
];

/// Whether two transactions got in each other's way.
pub(super) fn is_conflict(message: &str) -> bool {
    tells(message, &CONFLICTS)
}

/// Whether the table of load errors tells more.
fn points_to_load_errors(message: &str) -> bool {
    tells(message, &LOAD_ERRORS)
}

/// Whether it is about what the files hold. Anything else, such as a role, a key or a throttle, may pass.
pub(super) fn is_of_files(message: &str) -> bool {
    if tells(message, &["reading manifest"]) {
        return false;
    }
    points_to_load_errors(message) || tells(message, &FILE_FAULTS) || tells(message, &ROW_FAULTS)
}

/// Whether it is known to have nothing to do with what the files hold.
pub(super) fn is_passing(message: &str) -> bool {
    is_conflict(message) || (!is_of_files(message) && tells(message, &PASSING))
}

fn tells(message: &str, words: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_not_of_the_files() {
        let a_file = "s3://staging/csv/v1/dt=2026-01-02/a.csv.gz";
        for message in [
            format!("S3ServiceException:Access Denied,Status 403,Error AccessDenied,{a_file}"),
            format!(
                "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,{a_file}"
            ),
            "User: copy is not authorized to perform: kms:Decrypt on resource: key".to_owned(),
            "Disk Full".to_owned(),
        ] {
            assert!(!is_of_files(&message) && is_passing(&message), "{message}");
        }
    }

    #[test]
    fn what_stays_is_of_the_files() {
        for message in [
            "Load into table 'stage' failed.  Check 'sys_load_error_detail' system table for details.",
            "Load into table 'stage' failed.  Check 'STL_LOAD_ERRORS' system table for details.",
            "failed to inflate with zlib: invalid or incomplete deflate data",
            "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey",
            "Numeric data overflow (result precision)",
        ] {
            assert!(is_of_files(message) && !is_passing(message), "{message}");
        }
    }
}
