//! PostgreSQL's binary decimals.

/// Decimal digits in one digit of the binary form, whose base is 10,000.
const WIDTH: i32 = 4;
const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0x0000;

/// Reads a binary `numeric` as an integer number of 10^-`scale`. Returns `None` if it is not a
/// number, or does not fit into `precision` digits with `scale` of them after the decimal point.
///
/// Source: `numeric_send` of PostgreSQL. Four 16-bit integers (number of digits, weight of the
/// first digit as a power of 10,000, sign, decimal places), then the digits.
pub(super) fn scaled(raw: &[u8], precision: u16, scale: u16) -> Option<i128> {
    let words: Vec<u16> = raw
        .chunks(2)
        .map(|word| word.try_into().map(u16::from_be_bytes).ok())
        .collect::<Option<_>>()?;
    let (&[count, weight, sign, _], digits) = words.split_first_chunk()?;
    if digits.len() != usize::from(count) || !matches!(sign, POSITIVE | NEGATIVE) {
        return None;
    }
    let mut power = i32::from(weight.cast_signed()) * WIDTH + i32::from(scale);
    let mut sum = 0_i128;
    for digit in digits {
        let value = i128::from(*digit);
        let ten = 10_i128.checked_pow(power.unsigned_abs())?;
        let shifted = if power >= 0 {
            value.checked_mul(ten)?
        } else if value % ten == 0 {
            value / ten
        } else {
            return None;
        };
        sum = sum.checked_add(shifted)?;
        power -= WIDTH;
    }
    let fits = sum < 10_i128.checked_pow(precision.into())?;
    fits.then_some(if sign == NEGATIVE { -sum } else { sum })
}

/// Returns the number of bytes of a signed integer with `precision` digits.
pub(super) fn width(precision: u16) -> usize {
    let most = 10_u128
        .checked_pow(precision.into())
        .map_or(u128::MAX, |next| next - 1);
    let bits = u128::BITS - most.leading_zeros() + 1;
    (bits.div_ceil(8) as usize).min(size_of::<i128>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the binary form of `number`, as PostgreSQL sends it.
    fn sent(number: i128, scale: u16) -> Vec<u8> {
        let pad = (WIDTH.unsigned_abs() - u32::from(scale) % 4) % 4;
        let mut rest = number.unsigned_abs() * 10_u128.pow(pad);
        let mut digits = Vec::new();
        while rest > 0 {
            digits.insert(0, u16::try_from(rest % 10_000).unwrap());
            rest /= 10_000;
        }
        let behind = i16::try_from(scale.div_ceil(4)).unwrap();
        let count = i16::try_from(digits.len()).unwrap();
        let weight = if count == 0 { 0 } else { count - behind - 1 };
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let sign = if number < 0 { NEGATIVE } else { POSITIVE };
        let count = u16::try_from(digits.len()).unwrap();
        let mut words = vec![count, weight.cast_unsigned(), sign, scale];
        words.extend(digits);
        words.into_iter().flat_map(u16::to_be_bytes).collect()
    }

    proptest! {
        #[test]
        fn a_binary_decimal_is_read_exactly(
            number in -99_999_999_999_999_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999_999_999_999_999,
            scale in 0_u16..=30,
        ) {
            prop_assert_eq!(scaled(&sent(number, scale), 38, scale), Some(number));
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(raw: Vec<u8>, precision in 0_u16..=40, scale: u16) {
            let _ = scaled(&raw, precision, scale);
        }
    }

    #[test]
    fn missing_digits_are_zero_and_surplus_digits_are_refused() {
        assert_eq!(scaled(&sent(25, 1), 12, 4), Some(25_000));
        assert_eq!(scaled(&sent(0, 0), 12, 4), Some(0));
        assert_eq!(scaled(&sent(99_999, 0), 5, 0), Some(99_999));
        assert_eq!(scaled(&sent(100_000, 0), 5, 0), None);
        assert_eq!(scaled(&sent(123, 2), 12, 1), None);
        let not_a_number = [0, 0, 0, 0, 0xC0, 0, 0, 0];
        assert_eq!(scaled(&not_a_number, 38, 0), None);
    }

    #[test]
    fn a_number_takes_the_fewest_bytes_for_its_digits() {
        let widths = [1, 2, 3, 4, 9, 10, 12, 18, 19, 38].map(width);
        assert_eq!(widths, [1, 1, 2, 2, 4, 5, 6, 8, 9, 16]);
    }
}
