//! Decimals of any size, as digits.

use super::load_error::LoadError;

/// Precision, scale and rounding of a decimal column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal {
    pub(crate) precision: u16,
    pub(crate) scale: u16,
    /// Whether surplus digits are rounded, half away from zero, instead of truncated.
    pub(crate) round: bool,
}

/// Maximum absolute value of an exponent. A DECIMAL has at most 38 digits.
const LARGEST_EXPONENT: i32 = 100;

const NAME: &str = "Decimal";

impl Decimal {
    /// Appends `text` with at most `scale` digits after the decimal point.
    pub(crate) fn write(self, text: &[u8], out: &mut Vec<u8>) -> Result<(), LoadError> {
        let parts = Parts::read(text)?;
        let room = usize::from(self.precision.saturating_sub(self.scale));
        let whole = parts.whole.trim_ascii_zeros();
        if parts.exponent == 0 && parts.fraction.len() <= usize::from(self.scale) {
            if whole.len() > room {
                return Err(LoadError::overflow(text, NAME));
            }
            out.extend_from_slice(text);
            return Ok(());
        }
        let digits = self.scaled(&parts);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(self.scale));
        if whole.trim_ascii_zeros().len() > room {
            return Err(LoadError::overflow(text, NAME));
        }
        if parts.negative {
            out.push(b'-');
        }
        out.extend_from_slice(whole);
        if self.scale > 0 {
            out.push(b'.');
            out.extend_from_slice(fraction);
        }
        Ok(())
    }

    /// Returns all digits, exactly `scale` of them after the decimal point and at least one before
    /// it. A zero goes before them, which takes the carry of rounding.
    fn scaled(self, parts: &Parts<'_>) -> Vec<u8> {
        let scale = usize::from(self.scale);
        let mut digits = vec![b'0'];
        digits.extend_from_slice(parts.whole);
        digits.extend_from_slice(parts.fraction);
        let behind =
            i64::try_from(parts.fraction.len()).unwrap_or(i64::MAX) - i64::from(parts.exponent);
        let surplus = behind - i64::from(self.scale);
        if let Ok(missing) = usize::try_from(-surplus) {
            digits.resize(digits.len() + missing, b'0');
        } else if let Ok(surplus) = usize::try_from(surplus) {
            let keep = digits.len().saturating_sub(surplus);
            let up = self.round && digits[keep] >= b'5';
            digits.truncate(keep);
            if up {
                increment(&mut digits);
            }
        }
        while digits.len() <= scale {
            digits.insert(0, b'0');
        }
        digits
    }
}

/// Adds 1 in the last place. The first digit is not 9.
fn increment(digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
}

/// Parts of a number's text.
struct Parts<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    exponent: i32,
}

impl<'t> Parts<'t> {
    fn read(text: &'t [u8]) -> Result<Self, LoadError> {
        let negative = text.first() == Some(&b'-');
        let from = usize::from(matches!(text.first(), Some(b'+' | b'-')));
        let whole_end = from + digits(&text[from..]);
        let whole = &text[from..whole_end];
        let (fraction, mut at) = if text.get(whole_end) == Some(&b'.') {
            let end = whole_end + 1 + digits(&text[whole_end + 1..]);
            (&text[whole_end + 1..end], end)
        } else {
            (&text[..0], whole_end)
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(LoadError::digit(text, at, NAME));
        }
        let mut exponent = 0;
        if matches!(text.get(at), Some(b'e' | b'E')) {
            let power = std::str::from_utf8(&text[at + 1..])
                .ok()
                .and_then(|t| t.parse().ok());
            exponent = power.ok_or_else(|| LoadError::digit(text, at, NAME))?;
            if !(-LARGEST_EXPONENT..=LARGEST_EXPONENT).contains(&exponent) {
                return Err(LoadError::overflow(text, NAME));
            }
            at = text.len();
        }
        if at < text.len() {
            return Err(LoadError::digit(text, at, NAME));
        }
        Ok(Self {
            negative,
            whole,
            fraction,
            exponent,
        })
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Removes leading zeros.
trait TrimZeros {
    fn trim_ascii_zeros(&self) -> &[u8];
}

impl TrimZeros for [u8] {
    fn trim_ascii_zeros(&self) -> &[u8] {
        let zeros = self.iter().take_while(|byte| **byte == b'0').count();
        &self[zeros..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(decimal: Decimal, text: &str) -> Result<String, LoadError> {
        let mut out = Vec::new();
        decimal.write(text.as_bytes(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn written(text: &str, round: bool) -> Result<String, i32> {
        let decimal = Decimal {
            precision: 8,
            scale: 3,
            round,
        };
        write(decimal, text).map_err(|error| error.code)
    }

    #[test]
    fn digits_that_fit_are_unchanged() {
        for text in ["0.001", "-12345.678", "7", "+3.5", "00012345.1", ".5"] {
            assert_eq!(written(text, false).unwrap(), text);
        }
    }

    #[test]
    fn surplus_digits_are_truncated_or_rounded_away_from_zero() {
        assert_eq!(written("1.2345", false).unwrap(), "01.234");
        assert_eq!(written("1.2345", true).unwrap(), "01.235");
        assert_eq!(written("-0.0005", true).unwrap(), "-00.001");
        assert_eq!(written("9.9999", true).unwrap(), "10.000");
        assert_eq!(written("1.5e2", false).unwrap(), "0150.000");
        assert_eq!(written("15e-2", false).unwrap(), "0.150");
        assert_eq!(written("1e-9", true).unwrap(), "0.000");
    }

    #[test]
    fn an_invalid_or_too_large_number_is_rejected() {
        assert_eq!(written("123456.1", false), Err(1204));
        assert_eq!(written("99999.9999", true), Err(1204));
        for text in ["", "-", ".", "1,5", "1e", "0x1", "NaN", "1 2"] {
            assert_eq!(written(text, false), Err(1207), "{text}");
        }
    }

    #[test]
    fn a_number_below_the_last_place_is_rounded_by_its_first_surplus_digit() {
        for (text, rounded) in [
            ("5e-4", "0.001"),
            ("4e-4", "0.000"),
            ("9e-5", "0.000"),
            ("99e-5", "0.001"),
            ("9999.9995", "10000.000"),
            ("-5E-4", "-0.001"),
        ] {
            assert_eq!(written(text, true).unwrap(), rounded);
        }
    }

    #[test]
    fn a_decimal_without_a_scale_has_no_point() {
        let whole = |text, round| {
            let decimal = Decimal {
                precision: 3,
                scale: 0,
                round,
            };
            write(decimal, text).map_err(|error| error.code)
        };
        assert_eq!(whole("999", true).unwrap(), "999");
        assert_eq!(whole("1.5", false).unwrap(), "01");
        assert_eq!(whole("1.5", true).unwrap(), "02");
        assert_eq!(whole("9e2", true).unwrap(), "0900");
        assert_eq!(whole("999.5", true), Err(1204));
        assert_eq!(whole("1000", true), Err(1204));
    }

    #[test]
    fn an_exponent_is_at_most_a_hundred() {
        assert_eq!(written("0e100", false).unwrap().len(), 106);
        assert_eq!(written("7e-100", false).unwrap(), "0.000");
        for text in ["0e101", "0e-101", "1e6"] {
            assert_eq!(written(text, false), Err(1204), "{text}");
        }
    }

    #[test]
    fn an_error_names_the_first_character_at_fault() {
        let decimal = Decimal {
            precision: 8,
            scale: 3,
            round: false,
        };
        for (text, shown, position) in [
            ("", ' ', 0),
            ("-", ' ', 1),
            (".", ' ', 1),
            ("x", 'x', 0),
            ("-12x", 'x', 3),
            ("1.25x", 'x', 4),
            ("1,5", ',', 1),
            ("1.5e", 'e', 3),
            ("1e2.5", 'e', 1),
        ] {
            let message = format!("Invalid digit, Value '{shown}', Pos {position}, Type: Decimal");
            assert_eq!(write(decimal, text).unwrap_err().message, message);
        }
    }
}
