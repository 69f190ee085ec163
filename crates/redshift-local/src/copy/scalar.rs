//! Converts numbers and booleans to PostgreSQL's COPY text.

use super::load_error::LoadError;

/// Appends an integer that lies in `range`.
pub(crate) fn integer(
    bytes: &[u8],
    name: &str,
    range: std::ops::RangeInclusive<i64>,
    out: &mut Vec<u8>,
) -> Result<(), LoadError> {
    let from = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let bad = bytes[from..].iter().position(|byte| !byte.is_ascii_digit());
    if let Some(at) = bad.or((bytes.len() == from).then_some(0)) {
        return Err(LoadError::digit(bytes, from + at, name));
    }
    let parsed = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.parse::<i64>().ok());
    if parsed.is_none_or(|number| !range.contains(&number)) {
        return Err(LoadError::overflow(bytes, name));
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// Appends a floating-point number, in single or double precision. One that would become infinite
/// or zero is an error.
pub(crate) fn float(bytes: &[u8], single: bool, out: &mut Vec<u8>) -> Result<(), LoadError> {
    let name = if single { "Real" } else { "Double" };
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let parsed = if single {
        text.parse::<f32>().map(f64::from)
    } else {
        text.parse()
    };
    let number: f64 = parsed
        .ok()
        .filter(|_| bytes.iter().any(u8::is_ascii_digit))
        .ok_or_else(|| {
            let message = format!("Invalid digit, Value '{text}', Pos 0, Type: {name}");
            LoadError::new(1208, message)
        })?;
    let digits = bytes.split(|byte| byte.eq_ignore_ascii_case(&b'e')).next();
    let is_zero = !digits.is_some_and(|digits| digits.iter().any(|d| matches!(d, b'1'..=b'9')));
    if number.is_infinite() || (number == 0.0) != is_zero {
        return Err(LoadError::overflow(bytes, name));
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// Appends `t` or `f`.
pub(crate) fn boolean(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), LoadError> {
    let value = match bytes.to_ascii_lowercase().as_slice() {
        b"t" | b"true" | b"y" | b"yes" | b"1" => b't',
        b"f" | b"false" | b"n" | b"no" | b"0" => b'f',
        _ => return Err(LoadError::new(1210, "Unknown boolean format")),
    };
    out.push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), LoadError>,
    ) -> Result<String, String> {
        let mut out = Vec::new();
        write(&mut out).map_err(|error| error.message)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn an_integer_has_digits_after_its_sign_and_lies_in_the_range() {
        let read = |text: &str| written(|out| integer(text.as_bytes(), "Short", -9..=20, out));
        for text in ["-9", "0", "+5", "007", "20"] {
            assert_eq!(read(text).unwrap(), text);
        }
        for text in ["-10", "21", "99999999999999999999"] {
            let message = format!("Overflow, Value '{text}', Type: Short");
            assert_eq!(read(text).unwrap_err(), message);
        }
        for (text, shown, position) in [
            ("", ' ', 0),
            ("-", ' ', 1),
            ("x1", 'x', 0),
            ("12x", 'x', 2),
            ("-12x", 'x', 3),
            ("1.5", '.', 1),
        ] {
            let message = format!("Invalid digit, Value '{shown}', Pos {position}, Type: Short");
            assert_eq!(read(text).unwrap_err(), message);
        }
    }

    #[test]
    fn a_float_is_finite_and_zero_only_if_all_its_digits_are() {
        let read = |text: &str, single| written(|out| float(text.as_bytes(), single, out));
        for text in ["0", "-0.0", "0e9", "0.00E-999", "1e-5", "10", ".5", "9E9"] {
            assert_eq!(read(text, true).unwrap(), text);
            assert_eq!(read(text, false).unwrap(), text);
        }
        for (text, single, name) in [
            ("1e39", true, "Real"),
            ("1e-60", true, "Real"),
            ("-1e309", false, "Double"),
            ("9e-400", false, "Double"),
        ] {
            let message = format!("Overflow, Value '{text}', Type: {name}");
            assert_eq!(read(text, single).unwrap_err(), message);
        }
        for text in ["", "NaN", "inf", "-Infinity", "1,5", "e5"] {
            let message = format!("Invalid digit, Value '{text}', Pos 0, Type: Double");
            assert_eq!(read(text, false).unwrap_err(), message);
        }
    }

    #[test]
    fn a_boolean_is_one_of_ten_words_in_any_case() {
        let read = |text: &str| written(|out| boolean(text.as_bytes(), out));
        for text in ["t", "True", "y", "YES", "1"] {
            assert_eq!(read(text).unwrap(), "t");
        }
        for text in ["f", "False", "n", "NO", "0"] {
            assert_eq!(read(text).unwrap(), "f");
        }
        for text in ["", "2", "on", "truee"] {
            assert_eq!(read(text).unwrap_err(), "Unknown boolean format");
        }
    }
}
