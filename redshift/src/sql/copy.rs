//! `COPY`, its options and their limits.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html>

use super::SqlError;
use super::cursor::Cursor;
use super::token::Kind;

/// Most rows that may be refused before a load fails.
const MOST_ERRORS: i64 = 100_000;

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
    /// What is in them.
    pub(crate) format: CopyFormat,
    /// Whether they are compressed.
    pub(crate) gzip: bool,
    /// Lines to skip at the start of each file.
    pub(crate) ignore_header: u64,
    /// How moments are written.
    pub(crate) time_format: TimeFormat,
    /// How days are written; `None` is ISO.
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

/// Options that choose a format before the format itself is known.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of COPY are independent switches"
)]
#[derive(Debug, Default)]
struct Format {
    csv: bool,
    json: Option<JsonPaths>,
    delimiter: Option<u8>,
    quote: Option<u8>,
    escape: bool,
    manifest: bool,
    authorized: bool,
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
        option(&mut cursor, &mut copy, &mut format)?;
    }
    format.finish(copy)
}

impl CopyStatement {
    fn new(table: String, columns: Vec<String>, url: String) -> Self {
        Self {
            table,
            columns,
            source: CopySource::Prefix(url),
            format: CopyFormat::Delimited {
                delimiter: b'|',
                escape: false,
            },
            gzip: false,
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
        }
    }
}

impl Format {
    fn finish(self, mut copy: CopyStatement) -> Result<CopyStatement, SqlError> {
        if !self.authorized {
            return Err(SqlError::Refused(
                "COPY must specify an IAM_ROLE".to_owned(),
            ));
        }
        if self.csv && self.escape {
            return Err(SqlError::Refused(
                "CSV is not compatible with ESCAPE".to_owned(),
            ));
        }
        if self.csv && self.json.is_some() {
            return Err(SqlError::Refused(
                "CSV is not compatible with JSON".to_owned(),
            ));
        }
        if self.manifest
            && let CopySource::Prefix(url) = copy.source
        {
            copy.source = CopySource::Manifest(url);
        }
        copy.format = match (self.json, self.csv) {
            (Some(paths), _) => CopyFormat::Json(paths),
            (None, true) => CopyFormat::Csv {
                delimiter: self.delimiter.unwrap_or(b','),
                quote: self.quote.unwrap_or(b'"'),
            },
            (None, false) => CopyFormat::Delimited {
                delimiter: self.delimiter.unwrap_or(b'|'),
                escape: self.escape,
            },
        };
        Ok(copy)
    }
}

fn option(
    cursor: &mut Cursor<'_, '_>,
    copy: &mut CopyStatement,
    format: &mut Format,
) -> Result<(), SqlError> {
    if format_option(cursor, copy, format)? || conversion_option(cursor, copy)? {
        return Ok(());
    }
    let Some(token) = cursor.next() else {
        return Err(SqlError::End);
    };
    let missing = [
        "ACCESS_KEY_ID",
        "AVRO",
        "BZIP2",
        "CREDENTIALS",
        "ENCRYPTED",
        "FIXEDWIDTH",
        "JOB",
        "LZOP",
        "NOLOAD",
        "ORC",
        "PARQUET",
        "READRATIO",
        "REMOVEQUOTES",
        "SHAPEFILE",
        "SSH",
        "ZSTD",
        "ACCEPTANYDATE",
    ];
    if token.is_any(&missing) {
        return Err(SqlError::unsupported(format!(
            "COPY … {}",
            token.text.to_uppercase()
        )));
    }
    Err(SqlError::Syntax(token.text.clone().into_owned()))
}

fn format_option(
    cursor: &mut Cursor<'_, '_>,
    copy: &mut CopyStatement,
    format: &mut Format,
) -> Result<bool, SqlError> {
    const WORDS: &[&str] = &[
        "IAM_ROLE",
        "FORMAT",
        "CSV",
        "JSON",
        "DELIMITER",
        "QUOTE",
        "ESCAPE",
        "MANIFEST",
        "GZIP",
        "REGION",
        "ENCODING",
    ];
    let Some(word) = cursor.eat_any(WORDS) else {
        return Ok(false);
    };
    cursor.eat(&["AS"]);
    match word {
        "IAM_ROLE" => {
            role(cursor)?;
            format.authorized = true;
        }
        "CSV" => format.csv = true,
        "JSON" => format.json = Some(json_paths(cursor)?),
        "DELIMITER" => format.delimiter = Some(one_byte(&cursor.text()?, "DELIMITER")?),
        "QUOTE" => format.quote = Some(one_byte(&cursor.text()?, "QUOTE")?),
        "ESCAPE" => format.escape = true,
        "MANIFEST" => format.manifest = true,
        "GZIP" => copy.gzip = true,
        "REGION" => {
            cursor.text()?;
        }
        "ENCODING" => encoding(cursor)?,
        _ => {} // FORMAT only announces what follows.
    }
    Ok(true)
}

fn conversion_option(
    cursor: &mut Cursor<'_, '_>,
    copy: &mut CopyStatement,
) -> Result<bool, SqlError> {
    const WORDS: &[&str] = &[
        "IGNOREHEADER",
        "TIMEFORMAT",
        "DATEFORMAT",
        "NULL",
        "MAXERROR",
        "ACCEPTINVCHARS",
        "EMPTYASNULL",
        "BLANKSASNULL",
        "ROUNDEC",
        "TRUNCATECOLUMNS",
        "FILLRECORD",
        "TRIMBLANKS",
        "IGNOREBLANKLINES",
        "EXPLICIT_IDS",
        "COMPUPDATE",
        "STATUPDATE",
    ];
    let Some(word) = cursor.eat_any(WORDS) else {
        return Ok(false);
    };
    cursor.eat(&["AS"]);
    match word {
        "IGNOREHEADER" => {
            copy.ignore_header = within(cursor.integer()?, i64::MAX, word)?.unsigned_abs()
        }
        "TIMEFORMAT" => copy.time_format = time_format(cursor.text()?),
        "DATEFORMAT" => {
            copy.date_format =
                Some(cursor.text()?).filter(|text| !text.eq_ignore_ascii_case("auto"));
        }
        "NULL" => copy.nulls.text = cursor.text()?,
        "MAXERROR" => {
            let most = within(cursor.integer()?, MOST_ERRORS, word)?;
            copy.max_errors = u32::try_from(most).unwrap_or_default();
        }
        "ACCEPTINVCHARS" => copy.replacement = Some(replacement(cursor)?),
        "EMPTYASNULL" => copy.nulls.empty = true,
        "BLANKSASNULL" => copy.nulls.blanks = true,
        "ROUNDEC" => copy.round_decimals = true,
        "TRUNCATECOLUMNS" => copy.truncate_columns = true,
        "FILLRECORD" => copy.fill_record = true,
        "TRIMBLANKS" => copy.trim_blanks = true,
        "IGNOREBLANKLINES" => copy.ignore_blank_lines = true,
        "EXPLICIT_IDS" => copy.explicit_ids = true,
        _ => {
            // COMPUPDATE and STATUPDATE choose encodings and statistics.
            cursor.eat_any(&["ON", "OFF", "TRUE", "FALSE", "PRESET"]);
        }
    }
    Ok(true)
}

fn within(number: i64, most: i64, word: &str) -> Result<i64, SqlError> {
    if (0..=most).contains(&number) {
        Ok(number)
    } else {
        Err(SqlError::Refused(format!(
            "{word} must be between 0 and {most}, not {number}"
        )))
    }
}

/// Takes `default` or an ARN, or several with commas between them.
pub(crate) fn role(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    if cursor.eat(&["DEFAULT"]) {
        return Ok(());
    }
    let text = cursor.text()?;
    let valid = text.split(',').all(|arn| {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        matches!(parts[..], ["arn", partition, "iam", "", account, resource]
            if partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()))
    });
    if valid || text.eq_ignore_ascii_case("default") {
        Ok(())
    } else {
        Err(SqlError::Refused(format!(
            "Invalid IAM role ARN \"{text}\""
        )))
    }
}

fn json_paths(cursor: &mut Cursor<'_, '_>) -> Result<JsonPaths, SqlError> {
    if cursor
        .peek()
        .is_none_or(|token| token.kind != Kind::Literal)
    {
        return Ok(JsonPaths::Auto);
    }
    match cursor.text()?.as_str() {
        "auto" => Ok(JsonPaths::Auto),
        "auto ignorecase" => Ok(JsonPaths::AutoIgnoreCase),
        other => Err(SqlError::unsupported(format!("COPY … JSON '{other}'"))),
    }
}

/// A delimiter or a quote: one character of ASCII.
pub(crate) fn one_byte(text: &str, option: &str) -> Result<u8, SqlError> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(*byte),
        _ => Err(SqlError::Refused(format!(
            "{option} must be a single ASCII character"
        ))),
    }
}

fn encoding(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    let name = if cursor
        .peek()
        .is_some_and(|token| token.kind == Kind::Literal)
    {
        cursor.text()?
    } else {
        cursor.name()?
    };
    if ["utf8", "utf-8"].contains(&name.to_lowercase().as_str()) {
        Ok(())
    } else {
        Err(SqlError::unsupported(format!("COPY … ENCODING {name}")))
    }
}

fn time_format(text: String) -> TimeFormat {
    match text.to_lowercase().as_str() {
        "auto" => TimeFormat::Auto,
        "epochsecs" => TimeFormat::EpochSeconds,
        "epochmillisecs" => TimeFormat::EpochMilliseconds,
        _ => TimeFormat::Pattern(text),
    }
}

fn replacement(cursor: &mut Cursor<'_, '_>) -> Result<char, SqlError> {
    if cursor
        .peek()
        .is_none_or(|token| token.kind != Kind::Literal)
    {
        return Ok('?');
    }
    let text = cursor.text()?;
    one_byte(&text, "ACCEPTINVCHARS").map(char::from)
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
             STATUPDATE OFF MAXERROR 0 REGION AS 'us-east-1'",
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
        assert!(copy.gzip && copy.nulls.empty && copy.round_decimals);
        assert_eq!((copy.ignore_header, copy.max_errors), (1, 0));
    }

    #[test]
    fn other_formats_are_read() {
        let role = "iam_role default";
        let tsv = parsed(&format!(
            "copy t from 's3://b/p' {role} delimiter '\\t' escape null as 'x'"
        ));
        assert_eq!(
            tsv.unwrap().format,
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
