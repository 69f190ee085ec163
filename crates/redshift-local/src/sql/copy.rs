//! `COPY`, its options and their limits.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html>

use super::SqlError;
use super::copy_option::{self, Format};
use super::cursor::Cursor;

/// How files are compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compression {
    /// Not at all.
    None,
    /// `GZIP`: members one after the other.
    Gzip,
    /// `ZSTD`: frames one after the other.
    Zstd,
}

/// What to load, and how to read it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of COPY are independent switches"
)]
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CopyStatement {
    /// The table, as PostgreSQL names it.
    pub(crate) table: String,
    /// The columns in the order of the fields, as PostgreSQL names them; empty means all.
    pub(crate) columns: Vec<String>,
    /// Where the files are.
    pub(crate) source: CopySource,
    /// The role that reads them: `default`, an ARN, or a chain of ARNs with commas between them.
    pub(crate) iam_role: String,
    /// What is in them.
    pub(crate) format: CopyFormat,
    /// How they are compressed.
    pub(crate) compression: Compression,
    /// Lines to skip at the start of each file.
    pub(crate) ignore_header: u64,
    /// How moments are written.
    pub(crate) time_format: TimeFormat,
    /// How days are written; `None` is ISO, and `auto` any of the usual forms.
    pub(crate) date_format: Option<String>,
    /// What counts as NULL.
    pub(crate) nulls: NullRules,
    /// The number of refused rows at which the load fails; 0 and 1 both mean the first.
    pub(crate) max_errors: u32,
    /// What replaces bytes that are no UTF-8; `None` refuses the row.
    pub(crate) replacement: Option<char>,
    /// Whether surplus digits of decimals are rounded; otherwise they are cut.
    pub(crate) round_decimals: bool,
    /// Whether texts that are too long are cut.
    pub(crate) truncate_columns: bool,
    /// Whether missing fields at the end of a row are NULL.
    pub(crate) fill_record: bool,
    /// Whether blanks at the end of a text are cut.
    pub(crate) trim_blanks: bool,
    /// Whether empty lines are skipped.
    pub(crate) ignore_blank_lines: bool,
    /// Whether the files hold values for identity columns.
    pub(crate) explicit_ids: bool,
    /// Whether the files are only read and checked.
    pub(crate) no_load: bool,
}

/// Where the files are, as S3 URLs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum CopySource {
    /// Every object whose key starts so.
    Prefix(String),
    /// Every object that this one lists.
    Manifest(String),
}

/// What is in a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum CopyFormat {
    /// RFC 4180 and alike.
    Csv {
        /// Between fields.
        delimiter: u8,
        /// Around fields.
        quote: u8,
    },
    /// Lines cut at a character.
    Delimited {
        /// Between fields.
        delimiter: u8,
        /// Whether a backslash takes the next character as it is.
        escape: bool,
    },
    /// One object after another.
    Json(JsonPaths),
}

/// How the keys of an object find their columns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonPaths {
    /// By name.
    Auto,
    /// By name in any case.
    AutoIgnoreCase,
}

/// How moments are written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum TimeFormat {
    /// `YYYY-MM-DD HH:MI:SS`.
    Default,
    /// Whatever is understood.
    Auto,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// As this pattern says.
    Pattern(String),
}

/// What counts as NULL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NullRules {
    /// A field of exactly this text.
    pub(crate) text: String,
    /// An empty field of a text column, too.
    pub(crate) empty: bool,
    /// A field of blanks of a text column, too.
    pub(crate) blanks: bool,
}

/// Parses the whole statement.
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
        copy_option::read(&mut cursor, &mut copy, &mut format)?;
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
    use super::super::token::lex;
    use super::*;

    fn parsed(sql: &str) -> Result<CopyStatement, SqlError> {
        parse(Cursor::new(&lex(sql)?))
    }

    #[test]
    fn the_loaders_own_statement_is_read() {
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
    fn options_nobody_knows_or_has_are_refused() {
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
