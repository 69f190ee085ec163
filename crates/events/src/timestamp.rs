//! Timestamps: the shop's local time of an order, in seconds, and instants in UTC.

use time::format_description::well_known::Rfc3339;
use time::format_description::{BorrowedFormatItem, StaticFormatDescription};
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// A text that is not a timestamp.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is neither M/D/YYYY H:MM (month first) nor ISO 8601")]
pub struct TimestampError(String);

/// The format of the data set: month first, without padding and seconds.
const MONTH_FIRST: StaticFormatDescription = format_description!(
    "[month padding:none]/[day padding:none]/[year] [hour padding:none]:[minute]"
);
const MONTH_FIRST_SECONDS: StaticFormatDescription = format_description!(
    "[month padding:none]/[day padding:none]/[year] [hour padding:none]:[minute]:[second]"
);
const ISO_MINUTES: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]");
const ISO_SECONDS: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
const ISO_FRACTION: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]");
const LOCAL: [&[BorrowedFormatItem<'static>]; 5] = [
    MONTH_FIRST,
    MONTH_FIRST_SECONDS,
    ISO_SECONDS,
    ISO_MINUTES,
    ISO_FRACTION,
];

const PRINTED: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const PRINTED_INSTANT: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The accepted years: Redshift supports them, they have four digits, and earlier ones are most likely typing errors.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=9999;

/// Parses `12/1/2010 8:26` (month first) or ISO 8601, with `T` or a space between date and time.
///
/// The result is the shop's local time as it was sent: a UTC offset is validated and dropped. Fractions of a second
/// are truncated, because the warehouse stores seconds.
///
/// # Errors
///
/// Fails if the text has another format, is not a calendar date, or has a year outside 1900 to 9999.
pub fn parse_timestamp(text: &str) -> Result<PrimitiveDateTime, TimestampError> {
    let refused = || TimestampError(text.to_owned());
    let text = text.trim();
    let is_iso = text.is_ascii() && text.as_bytes().get(4) == Some(&b'-');
    let iso = match text.as_bytes().get(10) {
        Some(b' ' | b't') if is_iso => format!("{}T{}", &text[..10], &text[11..]),
        _ => text.to_owned(),
    };
    let local = || {
        LOCAL
            .iter()
            .find_map(|form| PrimitiveDateTime::parse(&iso, form).ok())
    };
    let with_offset = || {
        let sent = OffsetDateTime::parse(&iso, &Rfc3339).ok()?;
        Some(PrimitiveDateTime::new(sent.date(), sent.time()))
    };
    local()
        .or_else(with_offset)
        .filter(|when| YEARS.contains(&when.year()))
        .and_then(|when| when.replace_nanosecond(0).ok())
        .ok_or_else(refused)
}

/// Formats a timestamp as `2010-12-01 08:26:00`, which `COPY … TIMEFORMAT 'auto'` accepts.
///
/// # Panics
///
/// Never: a date with a time has every component of the format.
#[must_use]
pub fn format_timestamp(when: PrimitiveDateTime) -> String {
    #[expect(
        clippy::expect_used,
        reason = "a date and a time have every part that the form names"
    )]
    when.format(PRINTED)
        .expect("a timestamp has year to second")
}

/// Formats an instant in UTC with milliseconds, as `2010-12-01T08:26:00.123Z`.
///
/// # Panics
///
/// Never: an instant has every component of the format.
#[must_use]
pub fn format_instant(when: OffsetDateTime) -> String {
    #[expect(
        clippy::expect_used,
        reason = "an instant has every part that the form names"
    )]
    when.to_offset(UtcOffset::UTC)
        .format(PRINTED_INSTANT)
        .expect("an instant has year to millisecond")
}

/// Reads and writes an instant in JSON as RFC 3339 and converts it to UTC when read. An instant outside the years 1900
/// to 9999 UTC is rejected when read, so that no later conversion or formatting can fail.
pub(crate) mod instant {
    use serde::{Deserializer, Serializer, de::Error as _};
    use time::serde::rfc3339;
    use time::{OffsetDateTime, UtcOffset};

    pub(crate) fn serialize<S: Serializer>(
        at: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rfc3339::serialize(at, serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        rfc3339::deserialize(deserializer)?
            .checked_to_offset(UtcOffset::UTC)
            .filter(|at| super::YEARS.contains(&at.year()))
            .ok_or_else(|| D::Error::custom("an instant outside the years 1900 to 9999"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Date, Month};

    use super::*;

    #[test]
    fn every_notation_of_a_timestamp_gives_the_same_timestamp() {
        for text in [
            "12/1/2010 8:26",
            "12/01/2010 08:26",
            "12/1/2010 8:26:00",
            "2010-12-01T08:26",
            "2010-12-01T08:26:00",
            "2010-12-01 08:26:00",
            "2010-12-01T08:26:00.250",
            "2010-12-01T08:26:00Z",
            "2010-12-01T08:26:00+01:00",
            "2010-12-01 08:26:00.5Z",
            " 2010-12-01t08:26:00z ",
        ] {
            let when = parse_timestamp(text).unwrap();
            assert_eq!(format_timestamp(when), "2010-12-01 08:26:00", "{text}");
        }
    }

    #[test]
    fn the_month_comes_first() {
        let when = parse_timestamp("2/1/2011 0:05").unwrap();
        assert_eq!((when.month(), when.day()), (Month::February, 1));
    }

    #[test]
    fn invalid_dates_and_other_formats_are_rejected() {
        for text in [
            "",
            "13/1/2010 8:26",
            "2/30/2011 8:26",
            "2010-12-01",
            "1/12/10 8:26",
            "yesterday",
            "2010-12-01T24:26:00",
            "0001-01-01T00:00:00",
            "12/1/2010",
            "ééééé 8:26",
        ] {
            assert!(parse_timestamp(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_offset_does_not_change_the_local_time() {
        for (text, kept) in [
            ("9999-12-31T23:59:59-01:00", "9999-12-31 23:59:59"),
            ("9999-12-31T23:59:59-23:59", "9999-12-31 23:59:59"),
            ("9999-12-31T23:59:59+23:59", "9999-12-31 23:59:59"),
            ("1900-01-01T00:00:00+23:59", "1900-01-01 00:00:00"),
            ("2011-03-27T00:59:59Z", "2011-03-27 00:59:59"),
            ("2011-03-27T02:00:00+01:00", "2011-03-27 02:00:00"),
            ("2011-10-30T01:30:00+01:00", "2011-10-30 01:30:00"),
            ("2011-10-30T01:30:00Z", "2011-10-30 01:30:00"),
            ("2011-07-01T00:30:00+01:00", "2011-07-01 00:30:00"),
        ] {
            assert_eq!(
                format_timestamp(parse_timestamp(text).unwrap()),
                kept,
                "{text}"
            );
        }
        for offset in ["+23:59", "-23:59"] {
            for moment in ["0000-01-01T00:00:00", "0000-12-31T23:59:59"] {
                assert!(parse_timestamp(&format!("{moment}{offset}")).is_err());
            }
        }
    }

    #[test]
    fn an_instant_is_printed_in_utc_to_the_millisecond() {
        let when = time::macros::datetime!(2010-12-01 00:26:00.123_987 +01:00);
        assert_eq!(format_instant(when), "2010-11-30T23:26:00.123Z");
    }

    proptest! {
        #[test]
        fn a_printed_timestamp_parses_back(day in 693_961_i32..5_373_484, second in 0..86_400_i32) {
            let date = Date::from_julian_day(day + 1_721_425).unwrap_or(Date::MIN);
            prop_assume!(YEARS.contains(&date.year()));
            let time = time::Time::MIDNIGHT + time::Duration::seconds(second.into());
            let when = PrimitiveDateTime::new(date, time);
            prop_assert_eq!(parse_timestamp(&format_timestamp(when)), Ok(when));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}") {
            let _ = parse_timestamp(&text);
        }
    }
}
