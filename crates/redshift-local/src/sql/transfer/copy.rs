//! `COPY`: the parsed statement.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html>

use super::copy_options::{self, Format};
use crate::sql::lexing::{Cursor, SqlError};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compression {
    None,
    /// `GZIP`; a file may have several members.
    Gzip,
    /// `ZSTD`; a file may have several frames.
    Zstd,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of COPY are independent switches"
)]
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CopyStatement {
    /// Table, in PostgreSQL's spelling.
    pub(crate) table: String,
    /// Columns in the order of the fields, in PostgreSQL's spelling. If empty, all columns.
    pub(crate) columns: Vec<String>,
    pub(crate) source: CopySource,
    /// IAM role that reads the files: `default`, an ARN, or a comma-separated chain of ARNs.
    pub(crate) iam_role: String,
    pub(crate) format: CopyFormat,
    pub(crate) compression: Compression,
    /// Number of lines to skip at the start of each file.
    pub(crate) ignore_header: u64,
    /// Format of timestamps.
    pub(crate) time_format: TimeFormat,
    /// Format of dates: `None` is ISO 8601, and `auto` accepts any of the usual formats.
    pub(crate) date_format: Option<String>,
    /// Rules for NULL.
    pub(crate) nulls: NullRules,
    /// Number of rejected rows at which the load fails; 0 and 1 both fail at the first.
    pub(crate) max_errors: u32,
    /// Replacement for bytes that are not valid UTF-8. If `None`, the row is rejected.
    pub(crate) replacement: Option<char>,
    /// Whether surplus digits of decimals are rounded instead of truncated.
    pub(crate) round_decimals: bool,
    /// Whether strings that are too long are truncated.
    pub(crate) truncate_columns: bool,
    /// Whether missing fields at the end of a row are NULL.
    pub(crate) fill_record: bool,
    /// Whether blanks at the end of a string are removed.
    pub(crate) trim_blanks: bool,
    /// Whether empty lines are skipped.
    pub(crate) ignore_blank_lines: bool,
    /// Whether the files hold values for identity columns.
    pub(crate) explicit_ids: bool,
    /// Whether the files are only read and checked.
    pub(crate) no_load: bool,
}

/// Objects to load, as S3 URLs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum CopySource {
    /// Every object whose key starts with this one.
    Prefix(String),
    /// Every object that this manifest lists.
    Manifest(String),
}

/// Format of the files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum CopyFormat {
    /// CSV as in RFC 4180.
    Csv {
        /// Byte between fields.
        delimiter: u8,
        /// Byte around fields.
        quote: u8,
    },
    /// Text with a delimiter.
    Delimited {
        /// Byte between fields.
        delimiter: u8,
        /// Whether a backslash escapes the next character.
        escape: bool,
    },
    /// JSON objects, one after another.
    Json(JsonPaths),
}

/// Matching of the keys of a JSON object to columns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonPaths {
    /// By name.
    Auto,
    /// By name, ignoring case.
    AutoIgnoreCase,
}

/// Format of timestamps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum TimeFormat {
    /// `YYYY-MM-DD HH:MI:SS`.
    Default,
    /// Any of the usual formats.
    Auto,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// A `TIMEFORMAT` string.
    Pattern(String),
}

/// Rules for NULL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NullRules {
    /// Text of a NULL field.
    pub(crate) text: String,
    /// Whether an empty field of a character column is NULL too.
    pub(crate) empty: bool,
    /// Whether a blank field of a character column is NULL too.
    pub(crate) blanks: bool,
}

/// Parses the whole statement.
///
/// # Errors
///
/// Returns [`SqlError`] for unknown, incompatible or unsupported options, and for a missing
/// `IAM_ROLE`.
pub(crate) fn parse(mut cursor: Cursor<'_, '_>) -> Result<CopyStatement, SqlError> {
    cursor.expect("COPY")?;
    let table = cursor.path()?;
    let columns = match cursor.peek() {
        Some(token) if token.is_symbol("(") => cursor.names()?,
        _ => Vec::new(),
    };
    cursor.expect("FROM")?;
    let url = cursor.text()?;
    if !url.starts_with("s3://") {
        return Err(SqlError::unsupported(format!("COPY from \"{url}\"")));
    }
    let mut copy = CopyStatement::new(table, columns, url);
    let mut format = Format::default();
    while cursor.peek().is_some() {
        copy_options::read(&mut cursor, &mut copy, &mut format)?;
    }
    format.finish(copy)
}

impl CopyStatement {
    fn new(table: String, columns: Vec<String>, url: String) -> Self {
        Self {
            table,
            columns,
            source: CopySource::Prefix(url),
            iam_role: String::new(),
            format: CopyFormat::Delimited {
                delimiter: b'|',
                escape: false,
            },
            compression: Compression::None,
            ignore_header: 0,
            time_format: TimeFormat::Default,
            date_format: None,
            nulls: NullRules {
                text: "\\N".to_owned(),
                empty: false,
                blanks: false,
            },
            max_errors: 0,
            replacement: None,
            round_decimals: false,
            truncate_columns: false,
            fill_record: false,
            trim_blanks: false,
            ignore_blank_lines: false,
            explicit_ids: false,
            no_load: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn parsed(sql: &str) -> Result<CopyStatement, SqlError> {
        parse(Cursor::new(&lex(sql)?))
    }

    #[test]
    fn the_statement_of_the_load_stage_is_read() {
        let copy = parsed(
            "COPY stage (a, \"B\") FROM 's3://b/m.json' IAM_ROLE 'arn:aws:iam::000000000000:role/copy' \
             MANIFEST CSV GZIP IGNOREHEADER 1 TIMEFORMAT 'auto' EMPTYASNULL ROUNDEC COMPUPDATE OFF \
             STATUPDATE OFF NULL AS ' <null> ' NOLOAD MAXERROR 0 REGION AS 'us-east-1'",
        )
        .unwrap();
        assert_eq!(
            copy.source,
            CopySource::Manifest("s3://b/m.json".to_owned())
        );
        assert_eq!(
            copy.format,
            CopyFormat::Csv {
                delimiter: b',',
                quote: b'"'
            }
        );
        assert_eq!(copy.columns, ["a", "\"b\""]);
        assert_eq!(copy.compression, Compression::Gzip);
        assert!(copy.nulls.empty && copy.round_decimals && copy.no_load);
        assert_eq!(copy.nulls.text, " <null> ");
        assert_eq!((copy.ignore_header, copy.max_errors), (1, 0));
    }

    #[test]
    fn other_formats_are_read() {
        let role = "iam_role default";
        let tsv = parsed(&format!(
            "copy t from 's3://b/p' {role} delimiter '\\t' escape null as '\\N' comprows 9"
        ));
        let tsv = tsv.unwrap();
        assert_eq!(tsv.nulls.text, "\\N");
        assert_eq!(
            tsv.format,
            CopyFormat::Delimited {
                delimiter: b'\t',
                escape: true
            }
        );
        let json = parsed(&format!(
            "copy t from 's3://b/p' {role} format as json 'auto'"
        ))
        .unwrap();
        assert_eq!(json.format, CopyFormat::Json(JsonPaths::Auto));
    }

    #[test]
    fn unknown_and_unsupported_options_are_refused() {
        for options in [
            "",
            "iam_role 'copy-role'",
            "iam_role default csv escape",
            "iam_role default parquet",
            "iam_role default maxerror 100001",
            "iam_role default delimiter '||'",
            "iam_role default turbo",
            "iam_role default ignoreallerrors",
            "iam_role default noload 5",
            "iam_role default encoding utf16",
            "iam_role default json 's3://b/paths.json'",
        ] {
            assert!(
                parsed(&format!("copy t from 's3://b/p' {options}")).is_err(),
                "{options}"
            );
        }
        assert!(parsed("copy t from 'dynamodb://x' iam_role default").is_err());
    }
}
