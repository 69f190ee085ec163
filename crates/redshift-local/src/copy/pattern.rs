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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> Option<String> {
        let read = Pattern::new(pattern).read(text.as_bytes())?.checked()?;
        let mut out = Vec::new();
        read.write(&mut out);
        Some(String::from_utf8(out).unwrap())
    }

    /// Reads the time of a day.
    fn time(pattern: &str, text: &str) -> Option<String> {
        let read = read(
            &format!("YYYY-MM-DD {pattern}"),
            &format!("2010-12-01 {text}"),
        )?;
        Some(read.strip_prefix("2010-12-01 ").unwrap().to_owned())
    }

    #[test]
    fn numbers_between_separators_may_lack_leading_zeros() {
        let text = read("MM/DD/YYYY HH:MI:SS", "1/2/2010 3:4:5");
        assert_eq!(text.unwrap(), "2010-01-02 03:04:05");
        assert_eq!(read("MM/DD/YYYY", "1/2/10"), None);
    }

    #[test]
    fn numbers_without_separators_have_all_their_digits() {
        let tight = |text| read("YYYYMMDD HHMISS", text);
        assert_eq!(tight("20101201 082600").unwrap(), "2010-12-01 08:26:00");
        for text in ["20101201 82600", "2010121 082600", "20101201 08260"] {
            assert_eq!(tight(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_lies_between_1970_and_2069() {
        for (short, year) in [("70", 1970), ("99", 1999), ("00", 2000), ("69", 2069)] {
            let text = read("YY-MM-DD", &format!("{short}-01-02"));
            assert_eq!(text.unwrap(), format!("{year}-01-02 00:00:00"));
        }
        assert_eq!(read("YY-MM-DD", "1-01-02"), None);
    }

    #[test]
    fn months_have_names_and_abbreviations_in_any_case() {
        let names = [
            "January", "FEB", "mar", "april", "May", "June", "JUL", "Aug", "Sept", "Oct", "Nov",
            "december",
        ];
        for (before, name) in names.into_iter().enumerate() {
            let text = read("DD MONTH YYYY", &format!("01 {name} 2010"));
            assert_eq!(text.unwrap(), format!("2010-{:02}-01 00:00:00", before + 1));
        }
        for name in ["", "Ma", "Foo", "12"] {
            assert_eq!(read("DD MON YYYY", &format!("01 {name} 2010")), None);
            assert_eq!(read("YYYY DD MON", &format!("2010 01 {name}")), None);
        }
    }

    #[test]
    fn a_fraction_of_a_second_has_at_least_one_digit_and_is_cut_after_six() {
        let fraction = |text: &str| time("HH:MI:SS", &format!("8:26:1{text}"));
        for (text, written) in [
            ("", "08:26:01"),
            (".0", "08:26:01"),
            (".5", "08:26:01.500000"),
            (".000001", "08:26:01.000001"),
            (".1234569", "08:26:01.123456"),
        ] {
            assert_eq!(fraction(text).unwrap(), written);
        }
        for text in [".", ".x", ",5"] {
            assert_eq!(fraction(text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_of_twelve_hours_starts_each_half_of_the_day_with_twelve() {
        for (text, written) in [
            ("12:00 AM", "00:00:00"),
            ("1:30 am", "01:30:00"),
            ("11:59 AM", "11:59:00"),
            ("12:00 PM", "12:00:00"),
            ("1:30 pm", "13:30:00"),
        ] {
            assert_eq!(time("HH12:MI AM", text).unwrap(), written);
        }
        for text in ["0:30 AM", "13:00 PM", "1:30 XM", "1:30 A", "1:30"] {
            assert_eq!(time("HH12:MI AM", text), None, "{text}");
        }
    }

    #[test]
    fn other_characters_stand_for_themselves_in_any_case_and_nothing_may_follow() {
        let iso = |text| read("YYYY-MM-DDTHH:MI", text);
        assert_eq!(iso("2010-12-01t08:26").unwrap(), "2010-12-01 08:26:00");
        for text in ["2010-12-01x08:26", "2010-12-01T08:26Z", "2010-12-01T08:"] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn dates_and_times_that_do_not_exist_are_refused() {
        let iso = |text| read("YYYY-MM-DD HH:MI:SS", text);
        assert_eq!(iso("0001-01-01 00:00:00").unwrap(), "0001-01-01 00:00:00");
        assert_eq!(iso("2012-02-29 23:59:59").unwrap(), "2012-02-29 23:59:59");
        for text in [
            "0000-01-01 00:00:00",
            "20100-01-01 00:00:00",
            "2011-02-29 00:00:00",
            "2011-00-01 00:00:00",
            "2011-13-01 00:00:00",
            "2011-01-00 00:00:00",
            "2011-01-01 24:00:00",
            "2011-01-01 00:60:00",
            "2011-01-01 00:00:60",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
