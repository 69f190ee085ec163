//! `UNLOAD`: the parsed statement.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html>

use super::unload_options::Options;
use crate::sql::expression::render;
use crate::sql::lexing::{Cursor, SqlError, lex};
use crate::sql::refusal;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UnloadStatement {
    /// Query, as PostgreSQL SQL.
    pub(crate) query: String,
    /// Start of every object's URL.
    pub(crate) prefix: String,
    /// IAM role that writes the files: `default`, an ARN, or a comma-separated chain of ARNs.
    pub(crate) iam_role: String,
    pub(crate) format: UnloadFormat,
    /// Content of the manifest, if one is written.
    pub(crate) manifest: Option<ManifestDetail>,
    /// Whether file names include the number of the slice.
    pub(crate) parallel: bool,
    /// Whether files with this prefix may exist already.
    pub(crate) overwrite: bool,
    /// Extension of file names, instead of the default one.
    pub(crate) extension: Option<String>,
}

/// Format of the files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum UnloadFormat {
    Csv(CsvFormat),
    /// Apache Parquet.
    Parquet {
        /// Size of a row group in bytes, before compression.
        row_group_bytes: usize,
    },
}

/// Options of `FORMAT CSV`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CsvFormat {
    /// Byte between fields.
    pub(crate) delimiter: u8,
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    pub(crate) gzip: bool,
    /// Text of a NULL field.
    pub(crate) null: String,
}

/// Content of a manifest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ManifestDetail {
    /// File URLs and sizes.
    Files,
    /// Also the columns and the number of rows.
    Verbose,
}

/// Parses the whole statement.
///
/// # Errors
///
/// Returns [`SqlError`] for unknown, incompatible or unsupported options, for a missing `IAM_ROLE`,
/// and for a query that cannot be unloaded.
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

/// Returns the query as PostgreSQL SQL. Its outer `SELECT` must not have a `LIMIT`.
fn query(sql: &str) -> Result<String, SqlError> {
    let tokens = lex(sql)?;
    let first = tokens.first().ok_or(SqlError::End)?;
    refusal::check(&tokens)?;
    if !first.is_any(&["SELECT", "WITH"]) {
        return Err(SqlError::Syntax(first.text.clone().into_owned()));
    }
    let main = render(&tokens)?;
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
    fn the_unloaded_query_is_rewritten_too() {
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
    fn parquet_has_row_groups_and_refuses_text_options() {
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
    fn a_limit_is_refused_unless_it_is_nested() {
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
    fn a_statement_that_cannot_be_unloaded_is_refused() {
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
