//! Converts fields to PostgreSQL's COPY text.
//!
//! Every value is checked here, because one row that PostgreSQL refuses would fail the whole load.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html>

use super::decimal::Decimal;
use super::load_error::LoadError;
use super::scalar;
use super::table::{FieldType, Target};
use super::text;
use super::timestamp::{self, TimestampReader};
use crate::sql::{CopyStatement, NullRules};

/// NULL in PostgreSQL's COPY text.
const NULL: &[u8] = b"\\N";

/// Conversion rules of one load.
#[derive(Clone, Debug)]
pub(crate) struct Converter {
    nulls: NullRules,
    timestamps: TimestampReader,
    dates: TimestampReader,
    time_format: String,
    date_format: String,
    replacement: Option<char>,
    round: bool,
    truncate: bool,
    trim: bool,
}

impl Converter {
    pub(crate) fn new(copy: &CopyStatement) -> Self {
        Self {
            nulls: copy.nulls.clone(),
            timestamps: TimestampReader::for_timestamps(&copy.time_format),
            dates: TimestampReader::for_dates(copy.date_format.as_deref()),
            time_format: timestamp::format_name(&copy.time_format).to_owned(),
            date_format: copy
                .date_format
                .clone()
                .unwrap_or_else(|| "YYYY-MM-DD".to_owned()),
            replacement: copy.replacement,
            round: copy.round_decimals,
            truncate: copy.truncate_columns,
            trim: copy.trim_blanks,
        }
    }

    /// Appends NULL, or returns an error if the column does not allow it.
    pub(crate) fn write_null(target: &Target, out: &mut Vec<u8>) -> Result<(), LoadError> {
        if target.not_null {
            return Err(LoadError::missing());
        }
        out.extend_from_slice(NULL);
        Ok(())
    }

    /// Appends one field. A `quoted` field is never the NULL text.
    pub(crate) fn write(
        &self,
        target: &Target,
        bytes: &[u8],
        quoted: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), LoadError> {
        if self.is_null(&target.field, bytes, quoted) {
            return Self::write_null(target, out);
        }
        match &target.field {
            FieldType::Varchar(length) => self.write_text(bytes, *length, out),
            FieldType::Char(length) => self.write_char(bytes, *length, out),
            FieldType::Super => self.write_json(bytes, out),
            FieldType::Integer { name, least, most } => {
                scalar::integer(bytes.trim_ascii(), name, *least..=*most, out)
            }
            FieldType::Decimal { precision, scale } => Decimal {
                precision: *precision,
                scale: *scale,
                round: self.round,
            }
            .write(bytes.trim_ascii(), out),
            FieldType::Float { single } => scalar::float(bytes.trim_ascii(), *single, out),
            FieldType::Boolean => scalar::boolean(bytes.trim_ascii(), out),
            FieldType::Timestamp { zoned } => self.write_timestamp(bytes, *zoned, out),
            FieldType::Date => {
                if self.dates.write_date(bytes, out) {
                    Ok(())
                } else {
                    Err(LoadError::date(&self.date_format))
                }
            }
            FieldType::Time => self.write_time(bytes, out),
        }
    }

    fn is_null(&self, field: &FieldType, bytes: &[u8], quoted: bool) -> bool {
        if !quoted && bytes == self.nulls.text.as_bytes() {
            return true;
        }
        let is_text = matches!(field, FieldType::Varchar(_) | FieldType::Char(_));
        if bytes.is_empty() && is_text {
            return self.nulls.empty && !quoted;
        }
        (self.nulls.blanks || !is_text) && bytes.trim_ascii().is_empty()
    }

    fn write_text(
        &self,
        bytes: &[u8],
        length: Option<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), LoadError> {
        let mut bytes = if self.trim {
            bytes.trim_ascii_end()
        } else {
            bytes
        };
        let repaired;
        if std::str::from_utf8(bytes).is_err() || bytes.contains(&0) {
            repaired = text::repair(bytes, self.replacement)?;
            bytes = &repaired;
        }
        if let Some(length) = length.filter(|length| bytes.len() > *length) {
            if !self.truncate {
                return Err(LoadError::too_long());
            }
            bytes = &bytes[..text::boundary(bytes, length)];
        }
        text::escape(bytes, out);
        Ok(())
    }

    fn write_char(
        &self,
        bytes: &[u8],
        length: Option<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), LoadError> {
        if let Some(at) = bytes.iter().position(|byte| !byte.is_ascii()) {
            let hex: Vec<_> = bytes[at..]
                .iter()
                .take(2)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            return Err(LoadError::new(
                1220,
                format!(
                    "Multibyte character not supported for CHAR (Hint: try using VARCHAR). \
                     Invalid char: {}",
                    hex.join(" ")
                ),
            ));
        }
        self.write_text(bytes.trim_ascii_end(), length, out)
    }

    fn write_json(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), LoadError> {
        if !text::is_json(bytes) {
            return Err(LoadError::new(
                1224,
                "Invalid JSON format for a SUPER column",
            ));
        }
        self.write_text(bytes, None, out)
    }

    fn write_timestamp(
        &self,
        bytes: &[u8],
        zoned: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), LoadError> {
        let from = out.len();
        if !self.timestamps.write(bytes, out) {
            return Err(LoadError::timestamp(&self.time_format));
        }
        if !zoned {
            // A column without time zone ignores the zone of the value.
            let clock = out[from..]
                .iter()
                .skip(19)
                .take_while(|b| !matches!(b, b'+' | b'-'))
                .count();
            out.truncate(from + 19 + clock);
        }
        Ok(())
    }

    fn write_time(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), LoadError> {
        let mut dated = b"2000-01-01 ".to_vec();
        dated.extend_from_slice(bytes.trim_ascii());
        let from = out.len();
        self.write_timestamp(&dated, false, out)?;
        out.drain(from..from + "2000-01-01 ".len());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
