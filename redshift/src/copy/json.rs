//! Objects one after another, whatever stands between them.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::problem::Problem;

/// An object, with its keys as they are or in lower case.
pub(crate) type Object = BTreeMap<String, Box<RawValue>>;

/// Reads objects up to the end of the file or the first text that is none.
pub(crate) fn objects(
    input: impl BufRead,
    ignore_case: bool,
) -> impl Iterator<Item = Result<Object, Problem>> {
    Deserializer::from_reader(input)
        .into_iter::<Object>()
        .map(move |object| match object {
            Ok(object) if ignore_case => Ok(object
                .into_iter()
                .map(|(key, value)| (key.to_lowercase(), value))
                .collect()),
            Ok(object) => Ok(object),
            Err(error) => Err(Problem::new(1223, format!("Invalid JSON: {error}"))),
        })
}

/// The text of a value; `None` for null. Numbers keep every digit, objects and lists their text.
pub(crate) fn text(value: &RawValue) -> Option<String> {
    let raw = value.get();
    if raw == "null" {
        return None;
    }
    if raw.starts_with('"')
        && let Ok(text) = serde_json::from_str(raw)
    {
        return Some(text);
    }
    Some(raw.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_may_share_a_line_or_span_several() {
        let input = "{\"a\":1.50}{\"A\":\"x\\n\"}\n{\n\"a\":null}" as &str;
        let found: Vec<_> = objects(input.as_bytes(), true)
            .map(Result::unwrap)
            .collect();
        let texts: Vec<_> = found.iter().map(|object| text(&object["a"])).collect();
        assert_eq!(
            texts,
            [Some("1.50".to_owned()), Some("x\n".to_owned()), None]
        );
    }

    #[test]
    fn what_is_no_object_is_a_problem() {
        assert!(objects(&b"[1]"[..], false).next().unwrap().is_err());
    }
}
