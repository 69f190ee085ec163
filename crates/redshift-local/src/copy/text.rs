//! Converts strings to PostgreSQL's COPY text.

use serde_json::Value;

use super::load_error::LoadError;

/// Appends a string, with the characters escaped that have a meaning in COPY text.
pub(crate) fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes
        .iter()
        .any(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r'))
    {
        out.extend_from_slice(bytes);
        return;
    }
    for byte in bytes {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            other => out.push(*other),
        }
    }
}

/// Replaces each byte that is not valid UTF-8, and each NUL. Returns an error without a
/// replacement.
pub(crate) fn repair(bytes: &[u8], replacement: Option<char>) -> Result<Vec<u8>, LoadError> {
    let Some(replacement) = replacement else {
        return Err(LoadError::utf8(first_bad(bytes)));
    };
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().bytes());
        out.extend(chunk.invalid().iter().map(|_| replacement as u8));
    }
    for byte in out.iter_mut().filter(|byte| **byte == 0) {
        *byte = replacement as u8;
    }
    Ok(out)
}

fn first_bad(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) => &bytes[error.valid_up_to()..],
        Ok(_) => bytes
            .iter()
            .position(|byte| *byte == 0)
            .map_or(bytes, |at| &bytes[at..]),
    }
}

/// Returns the last character boundary at or before `length`.
pub(crate) fn boundary(bytes: &[u8], length: usize) -> usize {
    (0..=length)
        .rev()
        .find(|at| bytes.get(*at).is_none_or(|b| b & 0xC0 != 0x80))
        .unwrap_or(0)
}

/// Returns whether this is JSON that PostgreSQL can store: no string in it contains NUL.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice(bytes).is_ok_and(|value| !has_zero(&value))
}

fn has_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_zero),
        Value::Object(pairs) => pairs
            .iter()
            .any(|(key, value)| key.contains('\0') || has_zero(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_with_a_meaning_in_copy_text_are_escaped() {
        let escaped = |text: &str| {
            let mut out = Vec::new();
            escape(text.as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(escaped("a\\b\tc\nd\re"), "a\\\\b\\tc\\nd\\re");
        assert_eq!(escaped("a, £"), "a, £");
    }

    #[test]
    fn each_invalid_byte_and_each_nul_is_replaced_or_shown() {
        let bytes = b"a\xa3\xff\0\xc2\xa3";
        assert_eq!(repair(bytes, Some('?')).unwrap(), "a???£".as_bytes());
        let shown = |bytes| repair(bytes, None).unwrap_err().message;
        assert!(shown(bytes).ends_with("hex sequence: a3 ff 00 c2"));
        assert!(shown(b"ab\0c").ends_with("hex sequence: 00 63"));
    }

    #[test]
    fn text_is_cut_at_the_last_whole_character() {
        let bytes = "a£€😀".as_bytes();
        let cuts = [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10];
        for (length, cut) in cuts.into_iter().enumerate() {
            assert_eq!(boundary(bytes, length), cut, "{length}");
        }
    }

    #[test]
    fn json_with_a_nul_at_any_depth_cannot_be_stored() {
        for text in [
            r#""\u0000""#,
            r#"["a","\u0000"]"#,
            r#"[[{"a":["\u0000"]}]]"#,
            r#"{"\u0000":"a"}"#,
            r#"{"a":{"b":"\u0000"}}"#,
            "[",
            "",
        ] {
            assert!(!is_json(text.as_bytes()), "{text}");
        }
        for text in [r#""a""#, "1", "null", r#"[{"a":["b",1.50,true]}]"#] {
            assert!(is_json(text.as_bytes()), "{text}");
        }
    }
}
