//! The options of `COPY`, read one after another.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html>

use super::copy::{Compression, CopyFormat, CopySource, CopyStatement, JsonPaths, TimeFormat};
use crate::sql::lexing::{Cursor, Kind, SqlError};

/// Maximum of `MAXERROR`.
const MAX_ERRORS: i64 = 100_000;

/// Options that cannot be applied before all of them are read.
#[derive(Debug, Default)]
pub(crate) struct Format {
    csv: bool,
    json: Option<JsonPaths>,
    delimiter: Option<u8>,
    quote: Option<u8>,
    escape: bool,
    manifest: bool,
    iam_role: Option<String>,
}

impl Format {
    /// Returns `copy` with its format and IAM role.
    ///
    /// # Errors
    ///
    /// Returns [`SqlError`] for options that are incompatible, and for a missing `IAM_ROLE`.
    pub(crate) fn finish(self, mut copy: CopyStatement) -> Result<CopyStatement, SqlError> {
        let Some(iam_role) = self.iam_role else {
            return Err(SqlError::Refused(
                "COPY must specify an IAM_ROLE".to_owned(),
            ));
        };
        copy.iam_role = iam_role;
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

/// Reads the next option of `COPY` into `copy` or `format`.
pub(crate) fn read(
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
    let unsupported = [
        "ACCESS_KEY_ID",
        "AVRO",
        "BZIP2",
        "CREDENTIALS",
        "ENCRYPTED",
        "FIXEDWIDTH",
        "IGNOREALLERRORS",
        "JOB",
        "LZOP",
        "ORC",
        "PARQUET",
        "READRATIO",
        "REMOVEQUOTES",
        "SHAPEFILE",
        "SSH",
        "ACCEPTANYDATE",
    ];
    if token.is_any(&unsupported) {
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
        "ZSTD",
        "REGION",
        "ENCODING",
    ];
    let Some(word) = cursor.eat_any(WORDS) else {
        return Ok(false);
    };
    cursor.eat(&["AS"]);
    match word {
        "IAM_ROLE" => format.iam_role = Some(iam_role(cursor)?),
        "CSV" => format.csv = true,
        "JSON" => format.json = Some(json_paths(cursor)?),
        "DELIMITER" => format.delimiter = Some(one_byte(&cursor.text()?, "DELIMITER")?),
        "QUOTE" => format.quote = Some(one_byte(&cursor.text()?, "QUOTE")?),
        "ESCAPE" => format.escape = true,
        "MANIFEST" => format.manifest = true,
        "GZIP" => compress(copy, Compression::Gzip)?,
        "ZSTD" => compress(copy, Compression::Zstd)?,
        "REGION" => {
            cursor.text()?;
        }
        "ENCODING" => encoding(cursor)?,
        _ => {} // FORMAT may precede the name of the format.
    }
    Ok(true)
}

/// Sets the compression; a statement may name only one.
fn compress(copy: &mut CopyStatement, compression: Compression) -> Result<(), SqlError> {
    if copy.compression != Compression::None && copy.compression != compression {
        return Err(SqlError::Refused(
            "GZIP is not compatible with ZSTD".to_owned(),
        ));
    }
    copy.compression = compression;
    Ok(())
}

/// Options that say how values are converted, and options that have no effect here.
const CONVERSIONS: &[&str] = &[
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
    "COMPROWS",
    "NOLOAD",
];

fn conversion_option(
    cursor: &mut Cursor<'_, '_>,
    copy: &mut CopyStatement,
) -> Result<bool, SqlError> {
    let Some(word) = cursor.eat_any(CONVERSIONS) else {
        return Ok(false);
    };
    cursor.eat(&["AS"]);
    match word {
        "IGNOREHEADER" => {
            copy.ignore_header = within(cursor.integer()?, i64::MAX, word)?.unsigned_abs();
        }
        "TIMEFORMAT" => copy.time_format = time_format(cursor.text()?),
        "DATEFORMAT" => {
            copy.date_format = Some(cursor.text()?);
        }
        "NULL" => copy.nulls.text = null_text(cursor)?,
        "MAXERROR" => {
            let most = within(cursor.integer()?, MAX_ERRORS, word)?;
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
        "NOLOAD" => copy.no_load = true,
        "COMPROWS" => {
            cursor.integer()?;
        }
        _ => {
            // COMPUPDATE and STATUPDATE concern encodings and statistics, which do not exist here.
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

/// Name of the cluster's default IAM role.
pub(crate) const DEFAULT_ROLE: &str = "default";

/// Takes `default`, an ARN, or a string of ARNs with commas between them.
pub(crate) fn iam_role(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    if cursor.eat(&["DEFAULT"]) {
        return Ok(DEFAULT_ROLE.to_owned());
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
    if text.eq_ignore_ascii_case(DEFAULT_ROLE) {
        Ok(DEFAULT_ROLE.to_owned())
    } else if valid {
        Ok(text)
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

/// Takes the text of NULL. `'\N'` means a backslash and an `N`, although `\N` would be an escape.
pub(crate) fn null_text(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    let written_so = cursor.peek().is_some_and(|token| token.text == r"'\N'");
    let text = cursor.text()?;
    Ok(if written_so { r"\N".to_owned() } else { text })
}

/// Returns a delimiter or a quote character, which must be one ASCII character.
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
