//! Converts a cell of a workbook to the text of a CSV file.

use std::borrow::Cow;

use calamine::DataRef;
use time::macros::{datetime, format_description};
use time::{Duration, PrimitiveDateTime};

/// Significant digits that a workbook keeps of a number. Further digits are noise of binary floating point.
///
/// Source: <https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3>
const DIGITS: usize = 15;

/// 2^53. Whole numbers below it are exact, whatever their number of digits.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Day 0 of serial numbers from day 61 on. The calendar of workbooks contains 29 February 1900, which is day 60.
const EPOCH: PrimitiveDateTime = datetime!(1899-12-30 0:00);

/// Days between the two date systems of workbooks.
const DAYS_TO_1904: f64 = 1_462.0;

/// Serial number of 1 January 10000.
const END: f64 = 2_958_466.0;

const MS_PER_DAY: f64 = 86_400_000.0;

/// Returns the text of a cell. A number is a date and time if the cell has such a format, or if `is_moment`: in the
/// column of the order's date.
pub(super) fn text<'a>(value: &'a DataRef<'_>, is_moment: bool, is_1904: bool) -> Cow<'a, str> {
    match value {
        DataRef::Empty => "".into(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.into()
        }
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Bool(true) => "TRUE".into(),
        DataRef::Bool(false) => "FALSE".into(),
        DataRef::Error(error) => error.to_string().into(),
        DataRef::Int(whole) if is_moment => i32::try_from(*whole)
            .ok()
            .and_then(|whole| moment(whole.into(), is_1904))
            .map_or_else(|| whole.to_string().into(), Cow::Owned),
        DataRef::Int(whole) => whole.to_string().into(),
        DataRef::DateTime(serial) => moment_or_number(serial.as_f64(), is_1904).into(),
        DataRef::Float(value) if is_moment => moment_or_number(*value, is_1904).into(),
        DataRef::Float(value) => number(*value).into(),
    }
}

fn moment_or_number(value: f64, is_1904: bool) -> String {
    moment(value, is_1904).unwrap_or_else(|| number(value))
}

/// Formats a number as the shortest decimal that equals it, with at most [`DIGITS`] significant digits unless it is a
/// whole number.
fn number(value: f64) -> String {
    let value = if value == 0.0 { 0.0 } else { value };
    let shortest = value.to_string();
    let digits = shortest.bytes().filter(u8::is_ascii_digit);
    let is_exact = value.fract() == 0.0 && value.abs() < EXACT;
    if is_exact || digits.skip_while(|digit| *digit == b'0').count() <= DIGITS {
        return shortest;
    }
    let rounded = format!("{value:.*e}", DIGITS - 1);
    rounded
        .parse::<f64>()
        .map_or(shortest, |rounded| rounded.to_string())
}

/// Formats a serial number as date and time, to the millisecond. `None` outside the calendar of workbooks.
fn moment(serial: f64, is_1904: bool) -> Option<String> {
    let days = if is_1904 {
        serial + DAYS_TO_1904
    } else {
        serial
    };
    if !(1.0..END).contains(&days) {
        return None;
    }
    let days = if days < 60.0 { days + 1.0 } else { days };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below 2.6e14, as the number of days is bounded above"
    )]
    let ms = (days * MS_PER_DAY).round() as i64;
    let moment = EPOCH.checked_add(Duration::milliseconds(ms))?;
    let whole = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let parts =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");
    if moment.millisecond() == 0 {
        moment.format(whole).ok()
    } else {
        moment.format(parts).ok()
    }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prices_are_the_decimals_that_were_typed() {
        for (stored, typed) in [
            (2.549_999_999_999_999_4, "2.55"),
            (0.001, "0.001"),
            (0.1 + 0.2, "0.3"),
            (-11_062.06, "-11062.06"),
            (6.0, "6"),
            (-0.0, "0"),
            (536_365.0, "536365"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ] {
            assert_eq!(number(stored), typed);
        }
    }

    #[test]
    fn serial_numbers_are_moments_to_the_minute() {
        let of = |serial| moment(serial, false);
        assert_eq!(of(40_513.351_388_888_89).unwrap(), "2010-12-01 08:26:00");
        assert_eq!(of(40_513.351_388_888_9).unwrap(), "2010-12-01 08:26:00");
        assert_eq!(of(40_513.0).unwrap(), "2010-12-01 00:00:00");
        assert_eq!(of(40_512.999_999_999).unwrap(), "2010-12-01 00:00:00");
        assert_eq!(of(1.0).unwrap(), "1900-01-01 00:00:00");
        assert_eq!(of(61.0).unwrap(), "1900-03-01 00:00:00");
        assert_eq!(of(2_958_465.0).unwrap(), "9999-12-31 00:00:00");
        assert_eq!(of(0.5), None);
        assert_eq!(of(f64::NAN), None);
        assert_eq!(of(2_958_466.0), None);
        assert_eq!(
            moment(39_051.351_388_888_89, true).unwrap(),
            "2010-12-01 08:26:00"
        );
    }

    #[test]
    fn every_kind_of_cell_has_a_text() {
        let plain = |cell: DataRef<'_>| text(&cell, false, false).into_owned();
        let date = |cell: DataRef<'_>| text(&cell, true, false).into_owned();
        let formatted = ExcelDateTime::new(40_513.5, ExcelDateTimeType::DateTime, false);
        assert_eq!(plain(DataRef::Empty), "");
        assert_eq!(plain(DataRef::SharedString(" HEART ")), " HEART ");
        assert_eq!(plain(DataRef::Bool(true)), "TRUE");
        assert_eq!(plain(DataRef::Error(CellErrorType::NA)), "#N/A");
        assert_eq!(plain(DataRef::DateTime(formatted)), "2010-12-01 12:00:00");
        assert_eq!(plain(DataRef::Float(40_513.5)), "40513.5");
        assert_eq!(date(DataRef::Float(40_513.5)), "2010-12-01 12:00:00");
        assert_eq!(date(DataRef::Int(40_513)), "2010-12-01 00:00:00");
        assert_eq!(date(DataRef::Float(-3.0)), "-3");
        assert_eq!(
            date(DataRef::String("12/1/2010 8:26".into())),
            "12/1/2010 8:26"
        );
    }

    proptest! {
        #[test]
        fn every_price_of_four_places_reads_back(ten_thousandths in -99_999_999_999_999_i64..=99_999_999_999_999) {
            let price = rust_decimal::Decimal::new(ten_thousandths, 4).normalize();
            let stored: f64 = price.to_string().parse().unwrap();
            prop_assert_eq!(number(stored), price.to_string());
        }

        #[test]
        fn every_minute_reads_back(minutes in 60_i64 * 1_440..2_958_465 * 1_440) {
            #[expect(clippy::cast_precision_loss, reason = "a workbook stores days as such a number")]
            let stored = minutes as f64 / 1_440.0;
            let moment = moment(stored, false).unwrap();
            let expected = EPOCH + Duration::minutes(minutes);
            let read = events::parse_timestamp(&moment).unwrap();
            prop_assert_eq!(read, expected);
        }
    }
}
