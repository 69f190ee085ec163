//! Format strings of dates and times.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html>

use std::io::Write;

use time::{Date, Month, Time};

/// A compiled format string.
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
    /// Seconds, with a fraction if there is one.
    Second,
    Meridiem,
    Char(u8),
}

/// A parsed date and time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct DateTime {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) micros: u32,
    pub(crate) afternoon: Option<bool>,
}

impl Pattern {
    /// Compiles a format string. Text that is not a known element stands for itself.
    pub(crate) fn new(text: &str) -> Self {
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
            ("AM", Step::Meridiem),
            ("PM", Step::Meridiem),
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

    /// Parses a text that matches the format to its end.
    pub(crate) fn read(&self, mut text: &[u8]) -> Option<DateTime> {
        let mut read = DateTime {
            month: 1,
            day: 1,
            ..DateTime::default()
        };
        // Without separators, each number has its full width.
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
                Step::Meridiem => read.afternoon = Some(meridiem(&mut text)?),
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

impl DateTime {
    /// Returns the value if its date and time exist; converts a 12-hour clock to 24 hours.
    pub(crate) fn checked(mut self) -> Option<Self> {
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

    /// Appends the value in PostgreSQL's format.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
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

/// Takes the microseconds after a decimal point. Further digits are dropped.
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

fn meridiem(text: &mut &[u8]) -> Option<bool> {
    let (word, rest) = text.split_at_checked(2)?;
    *text = rest;
    match word.to_ascii_uppercase().as_slice() {
        b"AM" => Some(false),
        b"PM" => Some(true),
        _ => None,
    }
}
