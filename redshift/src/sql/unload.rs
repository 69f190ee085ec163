//! `UNLOAD`.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html>

use super::copy_option::{one_byte, role};
use super::cursor::Cursor;
use super::{Command, SqlError};

/// What to write, and where.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of UNLOAD are independent switches"
)]
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UnloadStatement {
    /// PostgreSQL text of the query.
    pub(crate) query: String,
    /// What every object's URL starts with.
    pub(crate) prefix: String,
    /// Between fields.
    pub(crate) delimiter: u8,
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    /// Whether files are compressed.
    pub(crate) gzip: bool,
    /// Whether a list of the files is written beside them.
    pub(crate) manifest: bool,
    /// Whether names of files tell slices apart.
    pub(crate) parallel: bool,
    /// Whether files of that prefix may be there already.
    pub(crate) overwrite: bool,
    /// What names of files end with, in place of the default.
    pub(crate) extension: Option<String>,
    /// What NULL is written as.
    pub(crate) null: String,
}

/// Parses the whole statement.
pub(crate) fn parse(mut cursor: Cursor<'_, '_>) -> Result<UnloadStatement, SqlError> {
    cursor.expect("UNLOAD")?;
    let mut inner = Cursor::new(cursor.parenthesised()?);
    let sql = inner.text()?;
    inner.finish()?;
    cursor.expect("TO")?;
    let prefix = cursor.text()?;
    if !prefix.starts_with("s3://") {
        return Err(SqlError::Refused(format!(
            "UNLOAD destination \"{prefix}\" is not on S3"
        )));
    }
    let mut unload = UnloadStatement {
        query: query(&sql)?,
        prefix,
        delimiter: b',',
        header: false,
        gzip: false,
        manifest: false,
        parallel: true,
        overwrite: false,
        extension: None,
        null: String::new(),
    };
    let mut csv = false;
    let mut authorized = false;
    while cursor.peek().is_some() {
        option(&mut cursor, &mut unload, &mut csv, &mut authorized)?;
    }
    if !authorized {
        return Err(SqlError::Refused(
            "UNLOAD must specify an IAM_ROLE".to_owned(),
        ));
    }
    if !csv {
        return Err(SqlError::unsupported("UNLOAD without FORMAT CSV"));
    }
    Ok(unload)
}

fn query(sql: &str) -> Result<String, SqlError> {
    let first = sql.split_whitespace().next().unwrap_or_default();
    match super::plan(sql, &[])?.command {
        Command::Sql { main, .. }
            if first.eq_ignore_ascii_case("select") || first.eq_ignore_ascii_case("with") =>
        {
            Ok(main)
        }
        _ => Err(SqlError::Syntax(first.to_owned())),
    }
}

fn option(
    cursor: &mut Cursor<'_, '_>,
    unload: &mut UnloadStatement,
    csv: &mut bool,
    authorized: &mut bool,
) -> Result<(), SqlError> {
    const WORDS: &[&str] = &[
        "IAM_ROLE",
        "FORMAT",
        "CSV",
        "DELIMITER",
        "HEADER",
        "GZIP",
        "MANIFEST",
        "PARALLEL",
        "ALLOWOVERWRITE",
        "EXTENSION",
        "NULL",
        "REGION",
        "MAXFILESIZE",
    ];
    let Some(word) = cursor.eat_any(WORDS) else {
        return unknown(cursor);
    };
    cursor.eat(&["AS"]);
    match word {
        "IAM_ROLE" => {
            role(cursor)?;
            *authorized = true;
        }
        "CSV" => *csv = true,
        "DELIMITER" => unload.delimiter = one_byte(&cursor.text()?, word)?,
        "HEADER" => unload.header = true,
        "GZIP" => unload.gzip = true,
        "MANIFEST" => {
            cursor.eat(&["VERBOSE"]);
            unload.manifest = true;
        }
        "PARALLEL" => {
            unload.parallel = match cursor.eat_any(&["ON", "TRUE", "OFF", "FALSE"]) {
                Some(word) => matches!(word, "ON" | "TRUE"),
                None => return Err(cursor.unexpected()),
            }
        }
        "ALLOWOVERWRITE" => unload.overwrite = true,
        "EXTENSION" => unload.extension = Some(cursor.text()?),
        "NULL" => unload.null = cursor.text()?,
        "REGION" => {
            cursor.text()?;
        }
        "MAXFILESIZE" => {
            cursor.next();
            cursor.eat_any(&["MB", "GB"]);
        }
        _ => {} // FORMAT only announces what follows.
    }
    Ok(())
}

fn unknown(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    let missing = [
        "PARQUET",
        "JSON",
        "PARTITION",
        "ADDQUOTES",
        "ESCAPE",
        "FIXEDWIDTH",
        "BZIP2",
        "ZSTD",
        "ENCRYPTED",
        "CLEANPATH",
        "KMS_KEY_ID",
        "ROWGROUPSIZE",
        "CREDENTIALS",
    ];
    match cursor.peek() {
        Some(token) if token.is_any(&missing) => Err(SqlError::unsupported(format!(
            "UNLOAD … {}",
            token.text.to_uppercase()
        ))),
        _ => Err(cursor.unexpected()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::lex;
    use super::*;

    fn parsed(sql: &str) -> Result<UnloadStatement, SqlError> {
        parse(Cursor::new(&lex(sql)?))
    }

    #[test]
    fn the_query_inside_is_redshift_sql_too() {
        let unload = parsed(
            "unload ('select nvl(a, ''x'') from t') to 's3://b/p_' iam_role default format as csv \
             header gzip manifest parallel off allowoverwrite",
        )
        .unwrap();
        assert_eq!(unload.query, "select coalesce(a, 'x') from t");
        assert!(unload.header && unload.gzip && unload.manifest && unload.overwrite);
        assert!(!unload.parallel);
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for sql in [
            "unload ('delete from t') to 's3://b/p' iam_role default csv",
            "unload ('select 1') to 's3://b/p' iam_role default",
            "unload ('select 1') to 's3://b/p' csv",
            "unload ('select 1') to '/tmp/x' iam_role default csv",
            "unload ('select 1') to 's3://b/p' iam_role default parquet",
        ] {
            assert!(parsed(sql).is_err(), "{sql}");
        }
    }
}
