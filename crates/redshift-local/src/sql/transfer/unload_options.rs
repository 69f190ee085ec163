//! The options of `UNLOAD`, read one after another.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html>

use super::copy_options::{iam_role, null_text, one_byte};
use super::unload::{CsvFormat, ManifestDetail, UnloadFormat};
use crate::sql::lexing::{Cursor, SqlError};

/// Allowed values of `ROWGROUPSIZE`, in MB. The lower bound is the default.
const ROW_GROUP_MB: std::ops::RangeInclusive<i64> = 32..=128;

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the options of UNLOAD are independent switches"
)]
pub(super) struct Options {
    pub(super) iam_role: Option<String>,
    csv: bool,
    parquet: bool,
    /// First option that applies to text formats only.
    text_only: Option<&'static str>,
    delimiter: Option<u8>,
    header: bool,
    gzip: bool,
    null: String,
    row_group_mb: Option<i64>,
    pub(super) manifest: Option<ManifestDetail>,
    pub(super) serial: bool,
    pub(super) overwrite: bool,
    pub(super) extension: Option<String>,
}

/// Options that apply to text formats only.
const TEXT_ONLY: &[&str] = &["DELIMITER", "HEADER", "GZIP", "NULL"];
/// All other options.
const WORDS: &[&str] = &[
    "IAM_ROLE",
    "FORMAT",
    "CSV",
    "PARQUET",
    "ROWGROUPSIZE",
    "MANIFEST",
    "PARALLEL",
    "ALLOWOVERWRITE",
    "EXTENSION",
    "REGION",
    "MAXFILESIZE",
];

impl Options {
    /// Returns the format that the options choose.
    ///
    /// # Errors
    ///
    /// Returns [`SqlError`] for options that are incompatible, and for a format that is not
    /// supported.
    pub(super) fn format(&self) -> Result<UnloadFormat, SqlError> {
        match (self.csv, self.parquet, self.text_only, self.row_group_mb) {
            (true, true, ..) => Err(incompatible("CSV", "PARQUET")),
            (_, true, Some(word), _) => Err(incompatible("PARQUET", word)),
            (true, false, _, Some(_)) => Err(incompatible("CSV", "ROWGROUPSIZE")),
            (false, true, None, size) => Ok(UnloadFormat::Parquet {
                row_group_bytes: usize::try_from(size.unwrap_or(*ROW_GROUP_MB.start()))
                    .unwrap_or_default()
                    << 20,
            }),
            (true, false, _, None) => Ok(UnloadFormat::Csv(CsvFormat {
                delimiter: self.delimiter.unwrap_or(b','),
                header: self.header,
                gzip: self.gzip,
                null: self.null.clone(),
            })),
            (false, false, ..) => Err(SqlError::unsupported(
                "UNLOAD without FORMAT CSV or PARQUET",
            )),
        }
    }

    /// Reads the next option.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
        if let Some(word) = cursor.eat_any(TEXT_ONLY) {
            return self.read_text_only(cursor, word);
        }
        let Some(word) = cursor.eat_any(WORDS) else {
            return unknown(cursor);
        };
        cursor.eat(&["AS"]);
        match word {
            "IAM_ROLE" => self.iam_role = Some(iam_role(cursor)?),
            "CSV" => self.csv = true,
            "PARQUET" => self.parquet = true,
            "ROWGROUPSIZE" => self.row_group_mb = Some(row_group_mb(cursor)?),
            "MANIFEST" if cursor.eat(&["VERBOSE"]) => {
                self.manifest = Some(ManifestDetail::Verbose);
            }
            "MANIFEST" => self.manifest = Some(ManifestDetail::Files),
            "PARALLEL" => {
                self.serial = match cursor.eat_any(&["ON", "TRUE", "OFF", "FALSE"]) {
                    Some(word) => matches!(word, "OFF" | "FALSE"),
                    None => return Err(cursor.unexpected()),
                }
            }
            "ALLOWOVERWRITE" => self.overwrite = true,
            "EXTENSION" => self.extension = Some(cursor.text()?),
            "REGION" => {
                cursor.text()?;
            }
            "MAXFILESIZE" => {
                cursor.next();
                cursor.eat_any(&["MB", "GB"]);
            }
            _ => {} // FORMAT may precede the name of the format.
        }
        Ok(())
    }

    fn read_text_only(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        word: &'static str,
    ) -> Result<(), SqlError> {
        self.text_only.get_or_insert(word);
        cursor.eat(&["AS"]);
        match word {
            "DELIMITER" => self.delimiter = Some(one_byte(&cursor.text()?, word)?),
            "HEADER" => self.header = true,
            "GZIP" => self.gzip = true,
            _ => self.null = null_text(cursor)?,
        }
        Ok(())
    }
}

fn incompatible(one: &str, other: &str) -> SqlError {
    SqlError::Refused(format!("{one} is not compatible with {other}"))
}

fn row_group_mb(cursor: &mut Cursor<'_, '_>) -> Result<i64, SqlError> {
    let size = cursor.integer()?;
    let unit = match cursor.eat_any(&["MB", "GB"]) {
        Some("GB") => 1024,
        _ => 1,
    };
    let size = size.saturating_mul(unit);
    if ROW_GROUP_MB.contains(&size) {
        Ok(size)
    } else {
        Err(SqlError::Refused(format!(
            "ROWGROUPSIZE must be between {} MB and {} MB, not {size} MB",
            ROW_GROUP_MB.start(),
            ROW_GROUP_MB.end()
        )))
    }
}

fn unknown(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    let unsupported = [
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
        "CREDENTIALS",
    ];
    match cursor.peek() {
        Some(token) if token.is_any(&unsupported) => Err(SqlError::unsupported(format!(
            "UNLOAD … {}",
            token.text.to_uppercase()
        ))),
        _ => Err(cursor.unexpected()),
    }
}
