//! Dates and moments, in the formats that `COPY` understands.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html>

use std::io::Write;

use time::{Date, Month, OffsetDateTime, Time};

use crate::sql::TimeFormat;

/// A format, ready to read with.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    /// With a fraction, if there is one.
    Second,
    Half,
    Char(u8),
}

/// A moment as it was read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Read {
    year: i32,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
    afternoon: Option<bool>,
}

/// How a column's moments are read.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
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

impl Reader {
    /// For a column of moments.
    pub(crate) fn of_moments(format: &TimeFormat) -> Self {
        let list = |texts: &[&str]| Self::Patterns(texts.iter().map(|t| Pattern::new(t)).collect());
        match format {
            TimeFormat::Default => list(&[ISO, "YYYY-MM-DD"]),
            TimeFormat::Auto => list(AUTO),
            TimeFormat::EpochSeconds => Self::Epoch { per_second: 1 },
            TimeFormat::EpochMilliseconds => Self::Epoch { per_second: 1_000 },
            TimeFormat::Pattern(text) => list(&[text]),
        }
    }

    /// For a column of dates; `None` is any of the usual forms.
    pub(crate) fn of_dates(format: Option<&str>) -> Self {
        match format {
            None => Self::Patterns(AUTO.iter().map(|text| Pattern::new(text)).collect()),
            Some(text) => Self::Patterns(vec![Pattern::new(text)]),
        }
    }

    /// Appends `text` as PostgreSQL reads it, with the zone it may carry; false when it is no
    /// moment.
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

    /// Appends the date of `text`; false when it is none.
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

impl Pattern {
    fn new(text: &str) -> Self {
        const WORDS: &[(&str, Step)] = &[
            ("YYYY", Step::Year),
            ("YY", Step::ShortYear),
            ("MONTH", Step::MonthName),
            ("MON", Step::MonthName),
            ("MM", Step::Month),
            ("DD", Step::Day),
            ("HH24", Step::Hour),
            ("HH12", Step::Hour),
            ("HH", Step::Hour),
            ("MI", Step::Minute),
            ("SS.SSSSSS", Step::Second),
            ("SS.SSS", Step::Second),
            ("SS.SS", Step::Second),
            ("SS.US", Step::Second),
            ("SS.MS", Step::Second),
            ("SS", Step::Second),
            ("AM", Step::Half),
            ("PM", Step::Half),
        ];
        let upper = text.to_ascii_uppercase();
        let mut rest = upper.as_bytes();
        let mut steps = Vec::new();
        while let Some(first) = rest.first() {
            let found = WORDS
                .iter()
                .find(|(word, _)| rest.starts_with(word.as_bytes()));
            let (step, length) =
                found.map_or((Step::Char(*first), 1), |(word, step)| (*step, word.len()));
            steps.push(step);
            rest = &rest[length..];
        }
        Self { steps }
    }

    fn read(&self, mut text: &[u8]) -> Option<Read> {
        let mut read = Read {
            month: 1,
            day: 1,
            ..Read::default()
        };
        // Without anything between two numbers, each has its full width.
        let tight = !self
            .steps
            .iter()
            .any(|step| matches!(step, Step::Char(byte) if *byte != b' '));
        let width = if tight { 2 } else { 1 };
        for step in &self.steps {
            match step {
                Step::Year => read.year = number(&mut text, 4, 4)?,
                Step::ShortYear => {
                    let year = number(&mut text, 2, 2)?;
                    read.year = year + if year < 70 { 2000 } else { 1900 };
                }
                Step::Month => read.month = small(&mut text, width)?,
                Step::Day => read.day = small(&mut text, width)?,
                Step::Hour => read.hour = small(&mut text, width)?,
                Step::Minute => read.minute = small(&mut text, width)?,
                Step::Second => {
                    read.second = small(&mut text, width)?;
                    read.micros = fraction(&mut text)?;
                }
                Step::MonthName => read.month = month_name(&mut text)?,
                Step::Half => read.afternoon = Some(half(&mut text)?),
                Step::Char(byte) => {
                    let (first, rest) = text.split_first()?;
                    if !first.eq_ignore_ascii_case(byte) {
                        return None;
                    }
                    text = rest;
                }
            }
        }
        text.is_empty().then_some(read)
    }
}

impl Read {
    /// The same when the calendar and the clock have it.
    fn checked(mut self) -> Option<Self> {
        let month = Month::try_from(self.month).ok()?;
        Date::from_calendar_date(self.year, month, self.day).ok()?;
        if let Some(afternoon) = self.afternoon {
            if !(1..=12).contains(&self.hour) {
                return None;
            }
            self.hour = self.hour % 12 + if afternoon { 12 } else { 0 };
        }
        Time::from_hms(self.hour, self.minute, self.second).ok()?;
        (self.year > 0).then_some(self)
    }

    fn write(self, out: &mut Vec<u8>) {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            micros,
            ..
        } = self;
        let written = write!(
            out,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        );
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        if micros > 0 {
            let _ = write!(out, ".{micros:06}");
        }
    }
}

fn write_epoch(text: &[u8], per_second: i128, out: &mut Vec<u8>) -> bool {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.trim().parse::<i128>().ok());
    let moment = parsed
        .and_then(|units| units.checked_mul(1_000_000_000 / per_second))
        .and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok());
    let Some(moment) = moment else { return false };
    Read {
        year: moment.year(),
        month: moment.month().into(),
        day: moment.day(),
        hour: moment.hour(),
        minute: moment.minute(),
        second: moment.second(),
        micros: moment.microsecond(),
        afternoon: None,
    }
    .write(out);
    true
}

/// Cuts a zone off the end: `Z`, `+hh`, `+hh:mm`, or blank and `UTC`.
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

fn number(text: &mut &[u8], least: usize, most: usize) -> Option<i32> {
    let length = text
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if length < least {
        return None;
    }
    let (digits, rest) = text.split_at(length);
    *text = rest;
    Some(
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')),
    )
}

fn small(text: &mut &[u8], least: usize) -> Option<u8> {
    number(text, least, 2).and_then(|number| u8::try_from(number).ok())
}

/// Microseconds behind a point; more digits are cut.
fn fraction(text: &mut &[u8]) -> Option<u32> {
    let Some(rest) = text.strip_prefix(b".") else {
        return Some(0);
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    *text = &rest[length..];
    let digits = rest[..length]
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(6);
    (length > 0).then(|| digits.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

fn month_name(text: &mut &[u8]) -> Option<u8> {
    const NAMES: &[&[u8; 3]] = &[
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let length = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = text.get(..3)?.to_ascii_lowercase();
    let at = NAMES.iter().position(|name| name.as_slice() == word)?;
    *text = &text[length..];
    u8::try_from(at + 1).ok()
}

fn half(text: &mut &[u8]) -> Option<bool> {
    let (word, rest) = text.split_at_checked(2)?;
    *text = rest;
    match word.to_ascii_uppercase().as_slice() {
        b"AM" => Some(false),
        b"PM" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &TimeFormat, text: &str) -> Option<String> {
        let mut out = Vec::new();
        let written = Reader::of_moments(format).write(text.as_bytes(), &mut out);
        written.then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn auto_reads_what_iso_writes() {
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
    fn a_moment_that_no_calendar_has_is_refused() {
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
    fn a_date_is_the_day_of_a_moment() {
        let mut out = Vec::new();
        assert!(Reader::of_dates(None).write_date(b"2010-12-01 08:26:00", &mut out));
        assert_eq!(out, b"2010-12-01");
    }
}
