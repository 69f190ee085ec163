//! Checks that a migration can run in one transaction, before anything is applied.

use super::split::without_comments;

/// The maximum number of statements of a migration: a batch has at most [40], and lock and ledger row need
/// two.
///
/// [40]: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
const MAX_STATEMENTS: usize = 38;

/// The maximum size of one statement.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
const MAX_STATEMENT_BYTES: usize = 100 * 1024;

/// First words of statements that end the transaction or cannot run in one.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html>
const NOT_IN_A_TRANSACTION: [&str; 18] = [
    "ABORT",
    "ALTER DATABASE",
    "ALTER EXTERNAL TABLE",
    "BEGIN",
    // A procedure may end the transaction.
    "CALL",
    "COMMIT",
    "CREATE DATABASE",
    "CREATE EXTERNAL TABLE",
    "CREATE LIBRARY",
    "DROP DATABASE",
    "DROP EXTERNAL TABLE",
    "DROP LIBRARY",
    "END",
    "RENAME EXTERNAL TABLE",
    "ROLLBACK",
    "START TRANSACTION",
    "TRUNCATE",
    "VACUUM",
];

/// Changes of a table that cannot run in a transaction; the last ones are of external tables.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html> and
/// <https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html>
const NOT_ALTERED_IN_A_TRANSACTION: [&str; 7] = [
    "ALTER COLUMN",
    "APPEND FROM",
    "ADD PARTITION",
    "DROP PARTITION",
    "SET LOCATION",
    "SET FILE FORMAT",
    "SET TABLE PROPERTIES",
];

/// Why a migration is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CheckError {
    /// More statements than fit in one transaction.
    #[error(
        "{0} statements, but at most {MAX_STATEMENTS} fit in one transaction: split the migration"
    )]
    TooMany(usize),
    /// Longer than the Data API accepts.
    #[error(
        "statement {position} has {bytes} bytes, but at most {MAX_STATEMENT_BYTES} are allowed: split it"
    )]
    TooLong {
        /// The position in the file, from 1.
        position: usize,
        bytes: usize,
    },
    /// Redshift does not run the statement in a transaction, or it ends the transaction.
    #[error(
        "statement {position} uses {words}, which Redshift does not run in a transaction: add a column instead, or run it by hand"
    )]
    NotInTransaction {
        /// The position in the file, from 1.
        position: usize,
        /// The words that are not allowed.
        words: &'static str,
    },
}

/// Checks that the statements can run in one transaction.
pub(crate) fn check(statements: &[String]) -> Result<(), CheckError> {
    if statements.len() > MAX_STATEMENTS {
        return Err(CheckError::TooMany(statements.len()));
    }
    for (position, statement) in (1..).zip(statements) {
        if statement.len() > MAX_STATEMENT_BYTES {
            return Err(CheckError::TooLong {
                position,
                bytes: statement.len(),
            });
        }
        if let Some(words) = not_in_transaction(statement) {
            return Err(CheckError::NotInTransaction { position, words });
        }
    }
    Ok(())
}

fn not_in_transaction(statement: &str) -> Option<&'static str> {
    let bare = without_comments(statement);
    let words: Vec<_> = bare
        .split_whitespace()
        .map(str::to_ascii_uppercase)
        .collect();
    let text = format!("{} ", words.join(" "));
    let starts = |words: &&str| text.starts_with(&format!("{words} "));
    let alters =
        |words: &&str| text.starts_with("ALTER TABLE ") && text.contains(&format!(" {words} "));
    let whole = NOT_IN_A_TRANSACTION.into_iter().find(starts);
    whole.or_else(|| NOT_ALTERED_IN_A_TRANSACTION.into_iter().find(alters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_redshift_does_not_run_in_a_transaction_are_named() {
        let refused = [
            ("vacuum", "VACUUM"),
            ("TRUNCATE retail.sales_line", "TRUNCATE"),
            ("create\n database x", "CREATE DATABASE"),
            (
                "ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(9)",
                "ALTER COLUMN",
            ),
            ("ALTER TABLE t APPEND FROM s", "APPEND FROM"),
            ("/* why */ TRUNCATE x", "TRUNCATE"),
            ("TRUNCATE/**/x", "TRUNCATE"),
            ("ALTER -- really\nDATABASE x", "ALTER DATABASE"),
            ("CALL p()", "CALL"),
            ("ALTER EXTERNAL TABLE s.t x", "ALTER EXTERNAL TABLE"),
            ("RENAME EXTERNAL TABLE s.t TO u", "RENAME EXTERNAL TABLE"),
            ("ALTER TABLE s.t SET LOCATION 's3://b/'", "SET LOCATION"),
        ];
        for (statement, words) in refused {
            let error = check(&["SELECT 1".to_owned(), statement.to_owned()]).unwrap_err();
            assert_eq!(error, CheckError::NotInTransaction { position: 2, words });
        }
    }

    #[test]
    fn adding_a_column_and_similar_words_are_allowed() {
        let fine = [
            "ALTER TABLE t ADD COLUMN c VARCHAR(9)",
            "CREATE TABLE vacuum_log (a INTEGER)",
            "COMMENT ON TABLE t IS 'TRUNCATE '",
            "COMMENT ON TABLE t IS '/* TRUNCATE */'",
            "CREATE TABLE call_log (a INTEGER)",
        ];
        assert_eq!(check(&fine.map(str::to_owned)), Ok(()));
    }

    #[test]
    fn more_than_fits_in_a_transaction_is_refused() {
        let statements = vec!["SELECT 1".to_owned(); 39];
        assert_eq!(check(&statements[..38]), Ok(()));
        assert_eq!(check(&statements), Err(CheckError::TooMany(39)));
        let long = check(&[format!("SELECT '{}'", "x".repeat(MAX_STATEMENT_BYTES))]);
        assert!(matches!(long, Err(CheckError::TooLong { position: 1, .. })));
    }
}
