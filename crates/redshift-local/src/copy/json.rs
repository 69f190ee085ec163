//! Reads JSON objects, one after another, with any white space between them.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde_json::value::RawValue;

use super::load_error::LoadError;
use super::record::{LONGEST_ROW, too_long};

/// Values of an object by key.
pub(crate) type Object = BTreeMap<String, Box<RawValue>>;

/// Reads objects to the end of the file. Text that is not an object is reported as one error, and
/// reading continues after it.
pub(crate) struct Objects<R> {
    input: R,
    ignore_case: bool,
    /// Text of the last object.
    pub(crate) raw: Vec<u8>,
}

impl<R: BufRead> Objects<R> {
    pub(crate) fn new(input: R, ignore_case: bool) -> Self {
        Self {
            input,
            ignore_case,
            raw: Vec::new(),
        }
    }

    /// Returns the next object, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<Object, LoadError>>> {
        self.raw.clear();
        let mut extent = ScanState::Before;
        while extent != ScanState::Ended {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            let taken = extent.follow(bytes);
            self.raw.extend_from_slice(&bytes[..taken]);
            self.input.consume(taken);
            if extent == ScanState::Before {
                self.raw.clear();
            }
            if self.raw.len() > LONGEST_ROW {
                return Err(too_long());
            }
        }
        match extent {
            ScanState::Before => Ok(None),
            ScanState::Inside(_) | ScanState::Text { .. } => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "a JSON object has no end",
            )),
            ScanState::Broken | ScanState::Ended => Ok(Some(self.parse())),
        }
    }

    fn parse(&self) -> Result<Object, LoadError> {
        let object: Object = serde_json::from_slice(&self.raw)
            .map_err(|error| LoadError::new(1223, format!("Invalid JSON: {error}")))?;
        if !self.ignore_case {
            return Ok(object);
        }
        Ok(object
            .into_iter()
            .map(|(key, value)| (key.to_lowercase(), value))
            .collect())
    }
}

/// Position in the text of an object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ScanState {
    Before,
    /// Inside this many braces and brackets.
    Inside(u32),
    /// Inside a string.
    Text {
        depth: u32,
        escaped: bool,
    },
    /// In text that is not an object, which lasts to the end of the line.
    Broken,
    Ended,
}

impl ScanState {
    /// Scans `bytes` up to the end of the object and returns how many bytes belong to it.
    fn follow(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            *self = self.after(*byte);
            if *self == Self::Ended {
                return at + 1;
            }
        }
        bytes.len()
    }

    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Before, b'{') => Self::Inside(1),
            (Self::Before, _) if byte.is_ascii_whitespace() => Self::Before,
            // A JSON string cannot contain a line break, so the next line may be valid again.
            (Self::Broken | Self::Text { .. }, b'\n') | (Self::Inside(1), b'}' | b']') => {
                Self::Ended
            }
            (Self::Before | Self::Broken, _) => Self::Broken,
            (Self::Inside(depth), b'"') => Self::Text {
                depth,
                escaped: false,
            },
            (Self::Inside(depth), b'{' | b'[') => Self::Inside(depth + 1),
            (Self::Inside(depth), b'}' | b']') => Self::Inside(depth - 1),
            (
                Self::Text {
                    depth,
                    escaped: false,
                },
                b'"',
            ) => Self::Inside(depth),
            (Self::Text { depth, escaped }, _) => Self::Text {
                depth,
                escaped: byte == b'\\' && !escaped,
            },
            (Self::Inside(_) | Self::Ended, _) => self,
        }
    }
}

/// Returns the text of a value, or `None` for null. Numbers keep every digit; objects and arrays
/// keep their text.
pub(crate) fn text(value: &RawValue) -> Result<Option<String>, LoadError> {
    let raw = value.get();
    if raw == "null" {
        return Ok(None);
    }
    if raw.starts_with('"') {
        return serde_json::from_str(raw)
            .map(Some)
            .map_err(|error| LoadError::new(1223, format!("Invalid JSON: {error}")));
    }
    Ok(Some(raw.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &str, ignore_case: bool) -> Vec<Result<Object, LoadError>> {
        let mut objects = Objects::new(input.as_bytes(), ignore_case);
        std::iter::from_fn(|| objects.next().unwrap()).collect()
    }

    #[test]
    fn objects_may_share_a_line_or_span_several() {
        let input = "{\"a\":1.50}{\"A\":\"x\\n\\\"}\"}\n{\n\"a\":null}";
        let found = read(input, true);
        let texts: Vec<_> = found
            .iter()
            .map(|object| text(&object.as_ref().unwrap()["a"]).unwrap())
            .collect();
        assert_eq!(
            texts,
            [Some("1.50".to_owned()), Some("x\n\"}".to_owned()), None]
        );
    }

    #[test]
    fn invalid_text_is_an_error_and_reading_continues_after_it() {
        let input = "[1]\n{\"a\":}\n{\"a\":\"x\n{\"a\":[{}]} 7\n\n{\"a\":2}\n";
        let ok: Vec<_> = read(input, false).iter().map(Result::is_ok).collect();
        assert_eq!(ok, [false, false, false, true, false, true]);
    }

    #[test]
    fn an_unterminated_or_too_long_object_stops_the_file() {
        let long = format!("{{\"a\":\"{}", "x".repeat(2 * LONGEST_ROW));
        for input in ["{\"a\":1\n{\"a\":2}\n", &long] {
            assert!(Objects::new(input.as_bytes(), false).next().is_err());
        }
    }

    #[test]
    fn a_lone_surrogate_is_an_error() {
        let raw = RawValue::from_string("\"\\ud800\"".to_owned()).unwrap();
        assert!(text(&raw).is_err());
    }

    #[test]
    fn an_object_as_long_as_the_limit_is_read_and_a_longer_one_is_not() {
        let object = |length| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        let next = |text: &str| Objects::new(text.as_bytes(), false).next();
        assert!(next(&object(LONGEST_ROW)).unwrap().unwrap().is_ok());
        for longer in [1, LONGEST_ROW] {
            let error = next(&object(LONGEST_ROW + longer)).unwrap_err();
            assert_eq!(error.to_string(), too_long().to_string());
        }
    }

    #[test]
    fn keys_keep_their_case_unless_it_is_ignored() {
        let keys = |ignore_case| {
            let object = read("{\"Ab\":1}", ignore_case).remove(0).unwrap();
            object.into_keys().next().unwrap()
        };
        assert_eq!(
            (keys(false), keys(true)),
            ("Ab".to_owned(), "ab".to_owned())
        );
    }

    #[test]
    fn an_escaped_backslash_does_not_escape_the_quote_after_it() {
        let found = read("{\"a\":\"\\\\\"} {\"a\":\"\\\\\\\"}\"}{\"a\":\"}\"}", false);
        let texts: Vec<_> = found
            .iter()
            .map(|object| text(&object.as_ref().unwrap()["a"]).unwrap().unwrap())
            .collect();
        assert_eq!(texts, ["\\", "\\\"}", "}"]);
    }

    #[test]
    fn nested_objects_and_arrays_belong_to_the_object_around_them() {
        let found = read("{\"a\":{\"b\":[{},[]]}}{\"a\":[]}", false);
        let texts: Vec<_> = found
            .iter()
            .map(|object| text(&object.as_ref().unwrap()["a"]).unwrap().unwrap())
            .collect();
        assert_eq!(texts, ["{\"b\":[{},[]]}", "[]"]);
    }
}
