//! Divides lines of the raw lake into calls of `store`. All lines of an envelope are in one call. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Maximum size of the lines of one call in bytes. Lambda accepts 6 MB, and JSON escapes make lines longer.
pub(super) const MAX_BYTES: usize = 2_000_000;

#[derive(Deserialize)]
struct Line {
    envelope_id: String,
}

/// Divides the lines of `texts`, the contents of objects, into parts of about `most` bytes. Omits lines without an
/// envelope, which `transform` rejects.
pub(super) fn parts(texts: &[String], most: usize) -> Vec<Vec<&str>> {
    let mut envelopes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        if let Ok(Line { envelope_id }) = serde_json::from_str(line) {
            envelopes.entry(envelope_id).or_default().push(line);
        }
    }
    let (mut parts, mut bytes) = (Vec::<Vec<&str>>::new(), 0);
    for lines in envelopes.into_values() {
        let more: usize = lines.iter().map(|line| line.len()).sum();
        match parts.last_mut() {
            Some(part) if bytes + more <= most => {
                part.extend(lines);
                bytes += more;
            }
            _ => {
                parts.push(lines);
                bytes = more;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_of_an_envelope_are_in_one_part_wherever_they_lie() {
        let line = |envelope: &str, event: u8| {
            format!(r#"{{"event_id":"{event}","envelope_id":"{envelope}"}}"#)
        };
        let texts = [
            [line("b", 1), line("a", 2), "no line".to_owned()].join("\n"),
            [line("b", 3), String::new(), line("c", 4)].join("\n"),
        ];
        let parts = parts(&texts, 2 * line("a", 2).len());
        let (a, b, c) = (line("a", 2), [line("b", 1), line("b", 3)], line("c", 4));
        assert_eq!(parts, [vec![a.as_str()], vec![&b[0], &b[1]], vec![&c]]);
    }
}
