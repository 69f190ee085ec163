//! Exact money: prices with at most four decimal places, and sums of them. Floats are never used.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A text that is not a valid price.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a decimal number.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// The price has more decimal places than `DECIMAL(12,4)`; rounding would lose money silently.
    #[error("`{value}` has more than {max} decimal places")]
    TooPrecise {
        /// The rejected price.
        value: Decimal,
        /// The most decimal places.
        max: u32,
    },
    /// The price is out of range for `DECIMAL(12,4)`.
    #[error("`{0}` is outside -99999999.9999..=99999999.9999")]
    OutOfRange(Decimal),
}

/// The price of one unit in pounds sterling, exact, as in a `DECIMAL(12,4)` column.
///
/// May be zero (samples, write-offs) or negative (adjustments). The smallest prices of the real data are 0.001.
///
/// ```
/// # use events::UnitPrice;
/// let price: UnitPrice = "2.550".parse()?;
/// assert_eq!(price.to_string(), "2.55");
/// assert_eq!(price.times(6).to_string(), "15.3");
/// # Ok::<(), events::MoneyError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct UnitPrice(Decimal);

impl UnitPrice {
    /// The most decimal places of a price.
    pub const SCALE: u32 = 4;
    /// The most digits of a price, including decimal places.
    pub const PRECISION: u32 = 12;

    /// Returns the exact price of `quantity` units.
    #[must_use]
    pub fn times(self, quantity: i32) -> Amount {
        // At most 12 + 10 digits; a `Decimal` holds 28.
        Amount((self.0 * Decimal::from(quantity)).normalize())
    }
}

impl TryFrom<Decimal> for UnitPrice {
    type Error = MoneyError;

    fn try_from(value: Decimal) -> Result<Self, Self::Error> {
        let value = value.normalize();
        if value.scale() > Self::SCALE {
            return Err(MoneyError::TooPrecise {
                value,
                max: Self::SCALE,
            });
        }
        if value.abs() >= Decimal::from(10_i64.pow(Self::PRECISION - Self::SCALE)) {
            return Err(MoneyError::OutOfRange(value));
        }
        Ok(Self(value))
    }
}

impl From<UnitPrice> for Decimal {
    fn from(price: UnitPrice) -> Self {
        price.0
    }
}

impl FromStr for UnitPrice {
    type Err = MoneyError;

    /// Parses plain and scientific notation, because JSON allows `1e-3`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        decimal(text)
            .ok_or_else(|| MoneyError::NotANumber(text.to_owned()))?
            .try_into()
    }
}

/// Parses a number in plain or scientific notation exactly. Returns `None` if it would have to be rounded, and for
/// `1_000`, which `rust_decimal` accepts.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    if text.contains('_') {
        return None;
    }
    match text.split_once(['e', 'E']) {
        Some((mantissa, _)) => {
            Decimal::from_str_exact(mantissa).ok()?;
            Decimal::from_scientific(text).ok()
        }
        None => Decimal::from_str_exact(text).ok(),
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An exact amount of money in pounds sterling.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Amount(Decimal);

impl Amount {
    pub const ZERO: Self = Self(Decimal::ZERO);
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self((self.0 + other.0).normalize())
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum::<Decimal>().normalize())
    }
}

impl From<Decimal> for Amount {
    fn from(value: Decimal) -> Self {
        Self(value.normalize())
    }
}

impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl FromStr for Amount {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Decimal::from_str_exact(text.trim())
            .map(Self::from)
            .map_err(|_not_decimal| MoneyError::NotANumber(text.to_owned()))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prices_are_exact_to_four_places() {
        for (text, printed) in [
            ("2.55", "2.55"),
            ("0.001", "0.001"),
            ("-11062.06", "-11062.06"),
            ("38970", "38970"),
            ("1e-3", "0.001"),
            ("1.5E2", "150"),
            ("0.00000", "0"),
            ("99999999.9999", "99999999.9999"),
        ] {
            assert_eq!(
                text.parse::<UnitPrice>().unwrap().to_string(),
                printed,
                "{text}"
            );
        }
    }

    #[test]
    fn a_price_that_the_warehouse_would_round_or_reject_is_invalid() {
        assert!(matches!(
            "0.00001".parse::<UnitPrice>(),
            Err(MoneyError::TooPrecise { .. })
        ));
        assert!(matches!(
            "100000000".parse::<UnitPrice>(),
            Err(MoneyError::OutOfRange(_))
        ));
        for text in [
            "", "£2", "1,50", "NaN", "Infinity", "1e99", "two", "1_000", "1_0e1",
        ] {
            assert!(
                matches!(text.parse::<UnitPrice>(), Err(MoneyError::NotANumber(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn sums_do_not_drift_as_floats_do() {
        let tenth: UnitPrice = "0.1".parse().unwrap();
        assert_eq!(
            (0..10).map(|_| tenth.times(1)).sum::<Amount>().to_string(),
            "1"
        );
        assert_eq!(tenth.times(-80_995).to_string(), "-8099.5");
    }

    #[test]
    fn amounts_are_added_and_written_without_trailing_zeros() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        assert_eq!(amount(" 1.50 ").to_string(), "1.5");
        assert_eq!(Amount::from(Decimal::new(-150, 2)).to_string(), "-1.5");
        assert_eq!((amount("2.55") + amount("0.45")).to_string(), "3");
        assert_eq!(amount("2.55") + amount("-2.55"), Amount::ZERO);
        assert!("1e2".parse::<Amount>().is_err());
    }

    #[test]
    fn a_price_stays_below_a_hundred_million_on_either_side() {
        for (within, beyond) in [
            ("99999999.9999", "100000000"),
            ("-99999999.9999", "-100000000"),
        ] {
            assert!(within.parse::<UnitPrice>().is_ok());
            assert!(beyond.parse::<UnitPrice>().is_err());
        }
    }

    proptest! {
        #[test]
        fn a_printed_price_parses_back(ten_thousandths in -999_999_999_999_i64..=999_999_999_999) {
            let price = UnitPrice::try_from(Decimal::new(ten_thousandths, 4)).unwrap();
            prop_assert_eq!(price.to_string().parse::<UnitPrice>().unwrap(), price);
        }
    }
}
