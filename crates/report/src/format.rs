//! Formats of values. Numbers are changed as text, so no digit is lost or rounded.

use serde::Deserialize;
use warehouse::{Cell, RowColumn};

/// How a value is shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// As it is.
    Text,
    /// With separators of thousands: `1,234.5`.
    Number,
    /// Pounds sterling with at least two decimal places: `£1,234.50`.
    Money,
    /// A fraction as a percentage: `0.125` is `12.5 %`.
    Percent,
    /// The month of a date: `Nov 2011`.
    Month,
    /// The day of a date or of a time: `9 Nov 2011`.
    Date,
    /// A time to the minute: `9 Nov 2011, 12:50`.
    Time,
}

/// Shown instead of NULL.
pub(crate) const NONE: &str = "–";

impl Format {
    /// The format of a type.
    pub(crate) fn of_type(column: &RowColumn) -> Self {
        if column.is_number() {
            return Self::Number;
        }
        match &*column.type_name {
            "date" => Self::Date,
            "timestamp" | "timestamptz" => Self::Time,
            _ => Self::Text,
        }
    }

    /// Whether values are aligned by their last digit.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Money | Self::Percent)
    }

    /// How many decimal places the values of a column need, so that all of them are exact and have as many.
    pub(crate) fn places<'a>(self, cells: impl Iterator<Item = &'a Cell>) -> usize {
        let least = if self == Self::Money { 2 } else { 0 };
        let places = cells.filter_map(|cell| Some(self.decimal(cell)?.fraction.len()));
        places.fold(least, usize::max)
    }

    /// The text of a value, with at least `places` decimal places if it is a number. A value that does not fit the
    /// format is shown as it is.
    pub(crate) fn show(self, cell: &Cell, places: usize) -> String {
        if *cell == Cell::Null {
            return NONE.to_owned();
        }
        let formatted = match self {
            Self::Text => None,
            Self::Number => self.decimal(cell).map(|number| number.show("", "", places)),
            Self::Money => self
                .decimal(cell)
                .map(|number| number.show("£", "", places)),
            Self::Percent => self
                .decimal(cell)
                .map(|number| number.show("", "\u{a0}%", places)),
            Self::Month => moment(cell).map(|(year, month, ..)| format!("{month} {year}")),
            Self::Date => moment(cell).map(|(year, month, day, _)| format!("{day} {month} {year}")),
            Self::Time => {
                moment(cell).map(|(year, month, day, time)| format!("{day} {month} {year}, {time}"))
            }
        };
        formatted.unwrap_or_else(|| cell.to_string())
    }

    fn decimal(self, cell: &Cell) -> Option<Decimal> {
        let number = Decimal::read(&cell.to_string())?;
        Some(if self == Self::Percent {
            number.times_100()
        } else {
            number
        })
    }
}

/// A decimal number as text.
#[derive(Debug, Eq, PartialEq)]
struct Decimal {
    is_negative: bool,
    /// The digits before the point, at least one.
    whole: String,
    /// The digits after the point, without zeros at the end.
    fraction: String,
}

impl Decimal {
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (!whole.is_empty() && is_digits(whole) && is_digits(fraction)).then(|| Self {
            is_negative: digits.len() < text.len()
                && text.contains(|digit| ('1'..='9').contains(&digit)),
            whole: whole.to_owned(),
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }

    fn times_100(mut self) -> Self {
        let digits = format!("{:0<2}", self.fraction);
        self.whole.push_str(&digits[..2]);
        let whole = self.whole.trim_start_matches('0');
        Self {
            is_negative: self.is_negative,
            whole: if whole.is_empty() { "0" } else { whole }.to_owned(),
            fraction: digits[2..].to_owned(),
        }
    }

    fn show(&self, before: &str, after: &str, places: usize) -> String {
        let sign = if self.is_negative { "−" } else { "" };
        let mut whole = String::new();
        for (position, digit) in self.whole.chars().enumerate() {
            if position > 0 && (self.whole.len() - position).is_multiple_of(3) {
                whole.push(',');
            }
            whole.push(digit);
        }
        let fraction = format!("{:0<places$}", self.fraction);
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{before}{whole}{point}{fraction}{after}")
    }
}

/// Year, name of the month, day without zero, and time to the minute of `2011-11-09 12:50:00`.
fn moment(cell: &Cell) -> Option<(String, &'static str, String, String)> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = cell.as_text()?;
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let mut parts = date.split('-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month: usize = parts.next()?.parse().ok()?;
    let day: u32 = parts.next()?.parse().ok()?;
    let name = MONTHS.get(month.checked_sub(1)?)?;
    Some((
        year.to_string(),
        name,
        day.to_string(),
        time.get(..5)?.to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn show(format: Format, cells: &[Cell]) -> Vec<String> {
        let places = format.places(cells.iter());
        cells.iter().map(|cell| format.show(cell, places)).collect()
    }

    #[test]
    fn money_keeps_every_digit_and_a_column_has_the_same_number_of_places() {
        let cells = [
            text("9747747.9340"),
            text("-0.5"),
            Cell::Long(1000),
            text("123456789012345678901234567890.1234"),
            Cell::Null,
        ];
        assert_eq!(
            show(Format::Money, &cells),
            [
                "£9,747,747.9340",
                "−£0.5000",
                "£1,000.0000",
                "£123,456,789,012,345,678,901,234,567,890.1234",
                "–"
            ]
        );
        assert_eq!(show(Format::Money, &[text("12.0000")]), ["£12.00"]);
    }

    #[test]
    fn numbers_have_separators_and_no_negative_zero() {
        let cells = [
            Cell::Long(541_909),
            Cell::Long(-999),
            text("-0.00"),
            Cell::Double(f64::NAN),
        ];
        assert_eq!(
            show(Format::Number, &cells),
            ["541,909", "−999", "0", "NaN"]
        );
    }

    #[test]
    fn a_fraction_is_shown_as_a_percentage_without_rounding() {
        let cells = [text("0.1587"), text("1.5000"), text("0"), text("-0.005")];
        assert_eq!(
            show(Format::Percent, &cells),
            [
                "15.87\u{a0}%",
                "150.00\u{a0}%",
                "0.00\u{a0}%",
                "−0.50\u{a0}%"
            ]
        );
    }

    #[test]
    fn dates_and_times_are_shown_in_words() {
        let cell = text("2011-12-09 12:50:00");
        assert_eq!(Format::Month.show(&cell, 0), "Dec 2011");
        assert_eq!(Format::Date.show(&cell, 0), "9 Dec 2011");
        assert_eq!(Format::Time.show(&cell, 0), "9 Dec 2011, 12:50");
        assert_eq!(Format::Month.show(&text("2011-13-01"), 0), "2011-13-01");
    }
}
