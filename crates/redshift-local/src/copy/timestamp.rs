//! Dates and timestamps in the formats that `COPY` accepts.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html>

use time::OffsetDateTime;

use super::pattern::{DateTime, Pattern};
use crate::sql::TimeFormat;

/// Accepted formats of a column's timestamps.
#[derive(Clone, Debug)]
pub(crate) enum TimestampReader {
    Patterns(Vec<Pattern>),
    Epoch { per_second: i128 },
}

const ISO: &str = "YYYY-MM-DD HH:MI:SS";
const AUTO: &[&str] = &[
    ISO,
    "YYYY-MM-DDTHH:MI:SS",
    "YYYY-MM-DD HH:MI",
    "YYYY-MM-DDTHH:MI",
    "YYYY-MM-DD",
    "YYYYMMDD HHMISS",
    "YYYYMMDD",
    "MM/DD/YYYY HH:MI:SS",
    "MM/DD/YYYY HH:MI",
    "MM/DD/YYYY",
    "YYYY/MM/DD HH:MI:SS",
    "YYYY/MM/DD",
    "DD MON YYYY HH:MI:SS",
    "DD MON YYYY",
];

impl TimestampReader {
    /// Returns the formats of a timestamp column.
    pub(crate) fn for_timestamps(format: &TimeFormat) -> Self {
        let list = |texts: &[&str]| Self::Patterns(texts.iter().map(|t| Pattern::new(t)).collect());
        match format {
            TimeFormat::Default => list(&[ISO, "YYYY-MM-DD"]),
            TimeFormat::Auto => list(AUTO),
            TimeFormat::EpochSeconds => Self::Epoch { per_second: 1 },
            TimeFormat::EpochMilliseconds => Self::Epoch { per_second: 1_000 },
            TimeFormat::Pattern(text) => list(&[text]),
        }
    }

    /// Returns the formats of a date column: `None` is ISO 8601, and `auto` accepts any of the
    /// usual formats.
    pub(crate) fn for_dates(format: Option<&str>) -> Self {
        let texts = match format {
            None => &["YYYY-MM-DD"],
            Some("auto") => AUTO,
            Some(text) => &[text],
        };
        Self::Patterns(texts.iter().map(|text| Pattern::new(text)).collect())
    }

    /// Appends `text` as a timestamp in PostgreSQL's format, with its time zone if it has one.
    /// Returns false if it is not a valid timestamp.
    pub(crate) fn write(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        match self {
            Self::Epoch { per_second } => write_epoch(text, *per_second, out),
            Self::Patterns(patterns) => {
                let (text, zone) = split_zone(text);
                let found = patterns
                    .iter()
                    .find_map(|pattern| pattern.read(text)?.checked());
                let Some(read) = found else { return false };
                read.write(out);
                out.extend_from_slice(zone);
                true
            }
        }
    }

    /// Appends the date of `text`. Returns false if it is not a valid date.
    pub(crate) fn write_date(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let from = out.len();
        let written = self.write(split_zone(text).0, out);
        out.truncate(if written {
            from + "YYYY-MM-DD".len()
        } else {
            from
        });
        written
    }
}

/// Returns the name of a format in error messages.
pub(crate) fn format_name(format: &TimeFormat) -> &str {
    match format {
        TimeFormat::Default => "YYYY-MM-DD HH24:MI:SS",
        TimeFormat::Auto => "auto",
        TimeFormat::EpochSeconds => "epochsecs",
        TimeFormat::EpochMilliseconds => "epochmillisecs",
        TimeFormat::Pattern(text) => text,
    }
}

fn write_epoch(text: &[u8], per_second: i128, out: &mut Vec<u8>) -> bool {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.trim().parse::<i128>().ok());
    let timestamp = parsed
        .and_then(|units| units.checked_mul(1_000_000_000 / per_second))
        .and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok());
    let Some(timestamp) = timestamp else {
        return false;
    };
    DateTime {
        year: timestamp.year(),
        month: timestamp.month().into(),
        day: timestamp.day(),
        hour: timestamp.hour(),
        minute: timestamp.minute(),
        second: timestamp.second(),
        micros: timestamp.microsecond(),
        afternoon: None,
    }
    .write(out);
    true
}

/// Splits off a time zone: `Z`, `+hh`, `+hh:mm`, or a blank and `UTC`.
fn split_zone(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii();
    if let Some(rest) = text
        .strip_suffix(b"Z")
        .or_else(|| text.strip_suffix(b" UTC"))
    {
        return (rest.trim_ascii_end(), b"+00");
    }
    let Some(at) = text.iter().rposition(|byte| matches!(byte, b'+' | b'-')) else {
        return (text, b"");
    };
    let zone = &text[at + 1..];
    let digits: Vec<u8> = zone.iter().copied().filter(|byte| *byte != b':').collect();
    let is_zone = text[..at].contains(&b':')
        && matches!(digits.len(), 2 | 4)
        && digits.iter().all(u8::is_ascii_digit)
        && digits[..2] < b"15"[..]
        && digits.get(2).is_none_or(|tens| *tens < b'6');
    if is_zone {
        (text[..at].trim_ascii_end(), &text[at..])
    } else {
        (text, b"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &TimeFormat, text: &str) -> Option<String> {
        let mut out = Vec::new();
        let written = TimestampReader::for_timestamps(format).write(text.as_bytes(), &mut out);
        written.then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn auto_reads_iso_8601_and_us_dates() {
        let auto = |text| read(&TimeFormat::Auto, text);
        assert_eq!(auto("2010-12-01 08:26:00").unwrap(), "2010-12-01 08:26:00");
        assert_eq!(
            auto("2010-12-01T08:26:00.123456789Z").unwrap(),
            "2010-12-01 08:26:00.123456+00"
        );
        assert_eq!(
            auto("2010-12-01 08:26:00+01:00").unwrap(),
            "2010-12-01 08:26:00+01:00"
        );
        assert_eq!(auto("2010-12-01").unwrap(), "2010-12-01 00:00:00");
        assert_eq!(auto("12/1/2010 8:26").unwrap(), "2010-12-01 08:26:00");
    }

    #[test]
    fn a_date_that_does_not_exist_is_rejected() {
        for text in [
            "2011-02-29 00:00:00",
            "2011-13-01",
            "2011-01-01 24:00:01",
            "yesterday",
            "",
        ] {
            assert_eq!(read(&TimeFormat::Auto, text), None, "{text}");
        }
    }

    #[test]
    fn the_default_is_stricter_than_auto() {
        assert!(read(&TimeFormat::Default, "2010-12-01 08:26:00").is_some());
        assert_eq!(read(&TimeFormat::Default, "12/1/2010 8:26"), None);
    }

    #[test]
    fn patterns_and_epochs_are_read() {
        let pattern = TimeFormat::Pattern("DD.MM.YYYY HH12:MI AM".to_owned());
        assert_eq!(
            read(&pattern, "01.12.2010 08:26 PM").unwrap(),
            "2010-12-01 20:26:00"
        );
        assert_eq!(
            read(&TimeFormat::EpochSeconds, "1291191960").unwrap(),
            "2010-12-01 08:26:00"
        );
        assert_eq!(
            read(&TimeFormat::EpochMilliseconds, "1291191960500").unwrap(),
            "2010-12-01 08:26:00.500000"
        );
    }

    #[test]
    fn a_date_column_takes_the_date_of_a_timestamp() {
        let mut out = Vec::new();
        assert!(
            TimestampReader::for_dates(Some("auto")).write_date(b"2010-12-01 08:26:00", &mut out)
        );
        assert_eq!(out, b"2010-12-01");
    }

    #[test]
    fn a_date_without_a_format_is_iso() {
        let mut out = Vec::new();
        assert!(TimestampReader::for_dates(None).write_date(b"2010-12-01", &mut out));
        assert!(!TimestampReader::for_dates(None).write_date(b"12/01/2010", &mut out));
        assert_eq!(out, b"2010-12-01");
    }
}
