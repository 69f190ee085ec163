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
    let read = parsed
        .and_then(|units| units.checked_mul(1_000_000_000 / per_second))
        .and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok())
        .and_then(|timestamp| date_time(timestamp).checked());
    let Some(read) = read else { return false };
    read.write(out);
    true
}

fn date_time(timestamp: OffsetDateTime) -> DateTime {
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
}

/// Splits off a time zone after a time: `Z`, `+hh`, `+hhmm`, `+hh:mm`, or a blank and `UTC`.
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
    if text[..at].contains(&b':') && is_offset(&text[at + 1..]) {
        (text[..at].trim_ascii_end(), &text[at..])
    } else {
        (text, b"")
    }
}

/// Returns whether PostgreSQL accepts this offset from UTC: `hh`, `hhmm` or `hh:mm`.
fn is_offset(text: &[u8]) -> bool {
    let [h, hh, rest @ ..] = text else {
        return false;
    };
    let minutes = match rest {
        [] => [b'0', b'0'],
        [m, mm] | [b':', m, mm] => [*m, *mm],
        _ => return false,
    };
    let digits = [*h, *hh, minutes[0], minutes[1]];
    digits.iter().all(u8::is_ascii_digit) && digits[..2] < b"15"[..] && minutes < *b"60"
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

    #[test]
    fn a_time_zone_is_utc_or_an_offset_after_a_time() {
        let auto = |zone: &str| read(&TimeFormat::Auto, &format!("2010-12-01 08:26:00{zone}"));
        for (zone, kept) in [
            ("", ""),
            ("Z", "+00"),
            (" Z", "+00"),
            (" UTC", "+00"),
            ("+01", "+01"),
            (" -05", "-05"),
            ("-0530", "-0530"),
            ("+14:59", "+14:59"),
        ] {
            assert_eq!(auto(zone).unwrap(), format!("2010-12-01 08:26:00{kept}"));
        }
        for zone in [
            "UTC", "z", "+", "+1", "+001", "+0:10", "+0:100", "+01:", "+01:5", "+01:0x", "+x1",
            "+15", "+15:00", "+01:60", "+0160", "+01:000",
        ] {
            assert_eq!(auto(zone), None, "{zone}");
        }
        assert_eq!(read(&TimeFormat::Auto, "2010-12-01+01"), None);
    }

    #[test]
    fn an_epoch_is_an_integer_between_the_years_1_and_9999() {
        let seconds = |text| read(&TimeFormat::EpochSeconds, text);
        assert_eq!(seconds(" -1 ").unwrap(), "1969-12-31 23:59:59");
        assert_eq!(seconds("253402300799").unwrap(), "9999-12-31 23:59:59");
        assert_eq!(seconds("-62135596800").unwrap(), "0001-01-01 00:00:00");
        for text in [
            "",
            "1.5",
            "1e9",
            "253402300800",
            "-62135596801",
            "99999999999999999999999999999999999999",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_column_has_one_format_or_any_of_the_usual_ones() {
        let date = |format, text: &str| {
            let mut out = b"before\t".to_vec();
            let written = TimestampReader::for_dates(format).write_date(text.as_bytes(), &mut out);
            let text = String::from_utf8(out).unwrap();
            let text = text.strip_prefix("before\t").unwrap().to_owned();
            assert_eq!(written, !text.is_empty());
            text
        };
        assert_eq!(date(Some("DD.MM.YYYY"), "1.12.2010"), "2010-12-01");
        assert_eq!(date(Some("DD.MM.YYYY"), "2010-12-01"), "");
        assert_eq!(date(None, " 2010-12-01 "), "2010-12-01");
        for text in [
            "20101201",
            "12/1/2010",
            "2010/12/01",
            "01 Dec 2010",
            "2010-12-01T08:26:00+01:00",
        ] {
            assert_eq!(date(Some("auto"), text), "2010-12-01");
        }
    }

    #[test]
    fn errors_name_the_format_as_the_statement_does() {
        for (format, name) in [
            (TimeFormat::Default, "YYYY-MM-DD HH24:MI:SS"),
            (TimeFormat::Auto, "auto"),
            (TimeFormat::EpochSeconds, "epochsecs"),
            (TimeFormat::EpochMilliseconds, "epochmillisecs"),
            (TimeFormat::Pattern("HH:MI".to_owned()), "HH:MI"),
        ] {
            assert_eq!(format_name(&format), name);
        }
    }
}
