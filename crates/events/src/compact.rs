//! Removes insignificant white space from JSON, so that an event is one line.

/// Removes white space outside of strings. Numbers, escapes and the order of the fields stay as the producer wrote
/// them, so a price is never parsed as a float.
///
/// Expects valid JSON, but also works on other text.
#[must_use]
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn white_space_is_removed_only_outside_strings() {
        let json = "{ \"a b\" :\n [ 1.50 ,\t\"x \\\" y\\\\\" , \"\\u0020\" ] }";
        assert_eq!(
            compact(json),
            "{\"a b\":[1.50,\"x \\\" y\\\\\",\"\\u0020\"]}"
        );
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(texts in prop::collection::vec(any::<String>(), 0..5)) {
            let pretty = serde_json::to_string_pretty(&texts).unwrap();
            let compacted = compact(&pretty);
            prop_assert!(!compacted.contains('\n'));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&compacted).unwrap(), texts);
        }
    }
}
