//! `UNLOAD`.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html>

use super::cursor::Cursor;
use super::token::lex;
use super::unload_option::Options;
use super::{Command, SqlError};

/// What to write, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UnloadStatement {
    /// PostgreSQL text of the query.
    pub(crate) query: String,
    /// What every object's URL starts with.
    pub(crate) prefix: String,
    /// The role that writes there: `default`, an ARN, or a chain of ARNs with commas between them.
    pub(crate) iam_role: String,
    /// How rows are written.
    pub(crate) format: UnloadFormat,
    /// What is told about the files, in a file beside them.
    pub(crate) manifest: Option<ManifestDetail>,
    /// Whether names of files tell slices apart.
    pub(crate) parallel: bool,
    /// Whether files of that prefix may be there already.
    pub(crate) overwrite: bool,
    /// What names of files end with, in place of the default.
    pub(crate) extension: Option<String>,
}

/// How rows are written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum UnloadFormat {
    /// As text, a line a row.
    Csv(CsvFormat),
    /// As Apache Parquet.
    Parquet {
        /// The size, before compression, at which a row group ends.
        row_group_bytes: usize,
    },
}

/// The options of `FORMAT CSV`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CsvFormat {
    /// Between fields.
    pub(crate) delimiter: u8,
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    /// Whether files are compressed.
    pub(crate) gzip: bool,
    /// What NULL is written as.
    pub(crate) null: String,
}

/// How much a manifest tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ManifestDetail {
    /// The files.
    Files,
    /// Columns and numbers of rows too.
    Verbose,
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
    let query = query(&sql)?;
    let mut options = Options::default();
    while cursor.peek().is_some() {
        options.read(&mut cursor)?;
    }
    let Some(iam_role) = options.iam_role.take() else {
        return Err(SqlError::Refused(
            "UNLOAD must specify an IAM_ROLE".to_owned(),
        ));
    };
    Ok(UnloadStatement {
        query,
        prefix,
        iam_role,
        format: options.format()?,
        manifest: options.manifest,
        parallel: !options.serial,
        overwrite: options.overwrite,
        extension: options.extension,
    })
}

/// The query, which has no `LIMIT` of its own.
fn query(sql: &str) -> Result<String, SqlError> {
    let first = sql.split_whitespace().next().unwrap_or_default();
    let Command::Sql { main, .. } = super::plan(sql, &[])?.command else {
        return Err(SqlError::Syntax(first.to_owned()));
    };
    if !(first.eq_ignore_ascii_case("select") || first.eq_ignore_ascii_case("with")) {
        return Err(SqlError::Syntax(first.to_owned()));
    }
    let tokens = lex(&main)?;
    let mut cursor = Cursor::new(&tokens);
    cursor.until(|token| token.is("LIMIT"))?;
    if cursor.peek().is_some() {
        return Err(SqlError::Refused(
            "UNLOAD does not take a LIMIT clause in the outer SELECT".to_owned(),
        ));
    }
    Ok(main)
}

#[cfg(test)]
mod tests {
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
        let UnloadFormat::Csv(csv) = unload.format else {
            panic!("{unload:?}");
        };
        assert!(csv.header && csv.gzip && unload.overwrite && !unload.parallel);
        assert_eq!(unload.manifest, Some(ManifestDetail::Files));
    }

    #[test]
    fn parquet_has_row_groups_and_none_of_the_options_of_text() {
        let to = |options: &str| {
            let sql = format!("unload ('select 1') to 's3://b/p' iam_role default {options}");
            parsed(&sql)
        };
        let size = |options| to(options).unwrap().format;
        let groups = |mb: usize| UnloadFormat::Parquet {
            row_group_bytes: mb * 1024 * 1024,
        };
        assert_eq!(size("format as parquet manifest verbose"), groups(32));
        assert_eq!(size("parquet rowgroupsize as 128 mb"), groups(128));
        for (options, words) in [
            ("parquet header", "PARQUET is not compatible with HEADER"),
            ("gzip parquet", "PARQUET is not compatible with GZIP"),
            ("parquet null as ''", "PARQUET is not compatible with NULL"),
            (
                "parquet delimiter '|'",
                "PARQUET is not compatible with DELIMITER",
            ),
            ("parquet csv", "CSV is not compatible with PARQUET"),
            (
                "csv rowgroupsize 64",
                "CSV is not compatible with ROWGROUPSIZE",
            ),
            ("parquet rowgroupsize 31", "between 32 MB and 128 MB"),
            ("parquet rowgroupsize 1 gb", "not 1024 MB"),
        ] {
            let error = to(options).unwrap_err().to_string();
            assert!(error.contains(words), "{options}: {error}");
        }
    }

    #[test]
    fn only_a_nested_limit_is_unloaded() {
        let to = |query: &str| {
            let sql = format!("unload ('{query}') to 's3://b/p' iam_role default csv");
            parsed(&sql)
        };
        assert!(to("select a from t where a in (select a from t order by a limit 3)").is_ok());
        for query in [
            "select a from t limit 10",
            "select top 10 a from t",
            "with x as (select 1 a) select a from x limit 1",
        ] {
            let error = to(query).unwrap_err().to_string();
            assert!(error.contains("LIMIT"), "{query}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for sql in [
            "unload ('delete from t') to 's3://b/p' iam_role default csv",
            "unload ('select 1') to 's3://b/p' iam_role default",
            "unload ('select 1') to 's3://b/p' csv",
            "unload ('select 1') to '/tmp/x' iam_role default csv",
            "unload ('select 1') to 's3://b/p' iam_role default parquet partition by (a)",
        ] {
            assert!(parsed(sql).is_err(), "{sql}");
        }
    }
}
