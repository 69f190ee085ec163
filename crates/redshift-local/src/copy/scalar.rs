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
