//! Unknown fields of a producer's object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::{FIELDS, MAX_EVENT_BYTES};

/// Returns the names of the unknown fields of `json`, in their order. Names are case-sensitive: `invoiceno` is
/// unknown. [`read`](crate::read) ignores unknown fields.
///
/// Returns nothing if the text is not an object or is larger than [`MAX_EVENT_BYTES`]. For broken JSON it returns the
/// names before the error.
#[must_use]
pub fn unknown_fields(json: &str) -> Vec<String> {
    let mut names = Vec::new();
    if json.len() <= MAX_EVENT_BYTES {
        // An error only ends the list, because `read` reports it.
        let _ = serde_json::Deserializer::from_str(json).deserialize_any(Names(&mut names));
    }
    names
}

struct Names<'n>(&'n mut Vec<String>);

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(unknown) = map.next_key_seed(Name)? {
            self.0.extend(unknown);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Reads a field name; `None` if the field is known.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((!FIELDS.contains(&name)).then(|| name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    #[test]
    fn a_field_of_another_name_or_spelling_is_unknown_and_its_value_does_not_matter() {
        let json = r#"{"invoiceno": {"InvoiceNo": [1]}, "InvoiceNo": "1", "Till": 7, "Gr\u00f6\u00dfe": null, "Till": 8}"#;
        assert_eq!(unknown_fields(json), ["invoiceno", "Till", "Größe", "Till"]);
    }

    #[test]
    fn every_field_that_a_reject_can_name_is_known() {
        for name in FIELDS {
            assert!(
                serde_json::from_value::<Field>(name.into()).is_ok(),
                "{name}"
            );
            assert!(unknown_fields(&format!("{{\"{name}\":1}}")).is_empty());
        }
    }

    #[test]
    fn a_text_that_is_no_object_has_no_unknown_fields_and_broken_json_has_those_before_the_error() {
        for json in ["", "7", "[{\"a\":1}]", "\"a\"", "null"] {
            assert!(unknown_fields(json).is_empty(), "{json}");
        }
        assert_eq!(unknown_fields("{\"a\":1, \"b\":}"), ["a", "b"]);
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_EVENT_BYTES));
        assert!(unknown_fields(&large).is_empty());
    }
}
