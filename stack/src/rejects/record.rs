//! One reject: a line of a reject object.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Number of bytes of the hash in an id: 16 hexadecimal digits.
const ID_BYTES: usize = 8;

/// A stage that keeps rejects.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Requests and events that the API rejected.
    Ingest,
    /// Records of the stream.
    Store,
    /// Lines of the raw lake.
    Transform,
    /// Staged rows and files.
    Load,
}

impl Stage {
    /// All stages, in the order in which an event passes them.
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Store, Self::Transform, Self::Load];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Store => "store",
            Self::Transform => "transform",
            Self::Load => "load",
        }
    }
}

/// A rejected record with the reason and the original bytes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Reject {
    /// 16 hexadecimal digits of a hash of stage, position and record.
    pub id: String,
    /// Stage that rejected the record.
    pub stage: Stage,
    /// Time of the reject, RFC 3339.
    pub at: String,
    /// Reason code, for programs.
    pub reason: String,
    /// Invalid field or column; `record`, `file` or `message` for the whole record.
    pub field: String,
    /// Explanation, for people.
    pub detail: String,
    /// Position of the record in its source.
    pub position: String,
    /// Id of the event, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Id of the envelope, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope_id: Option<String>,
    /// When the API received the event, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
    /// `utf8`, or `base64` if the original bytes are not UTF-8.
    pub encoding: String,
    /// Original bytes in this encoding.
    pub record: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Origin of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// Stage that writes the object.
    pub(super) stage: Stage,
    pub(super) key: &'a str,
    /// When the object was written, RFC 3339.
    pub(super) modified: &'a str,
}

/// A line as stages write it. Older versions lack some fields.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    id: Option<String>,
    at: Option<String>,
    reason: String,
    field: String,
    detail: String,
    position: Option<String>,
    event_id: Option<String>,
    envelope_id: Option<String>,
    received_at: Option<String>,
    encoding: Option<String>,
    record: String,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Reject {
    /// Parses line `number`, counted from 1, of a reject object. A line that is not a reject becomes a reject with
    /// the reason `unreadable`, so that it is not lost.
    pub(super) fn read(line: &[u8], number: usize, source: Source<'_>) -> Self {
        let line = serde_json::from_slice(line).unwrap_or_else(|error| unreadable(line, &error));
        let Line {
            mut other, record, ..
        } = line;
        other.remove("stage");
        let position = line
            .position
            .unwrap_or_else(|| format!("{}, line {number}", source.key));
        let id = line
            .id
            .unwrap_or_else(|| id(source.stage, &position, record.as_bytes()));
        Self {
            id,
            stage: source.stage,
            at: line.at.unwrap_or_else(|| source.modified.to_owned()),
            reason: line.reason,
            field: line.field,
            detail: line.detail,
            position,
            event_id: line.event_id,
            envelope_id: line.envelope_id,
            received_at: line.received_at,
            encoding: line.encoding.unwrap_or_else(|| "utf8".to_owned()),
            record,
            other,
        }
    }

    /// Creates a reject that is not a line of an object: a message or a failed invocation.
    pub(crate) fn whole(
        stage: Stage,
        at: String,
        [reason, field, detail]: [&str; 3],
        position: String,
        record: String,
    ) -> Self {
        Self {
            id: id(stage, &position, record.as_bytes()),
            stage,
            at,
            reason: reason.to_owned(),
            field: field.to_owned(),
            detail: detail.to_owned(),
            position,
            event_id: None,
            envelope_id: None,
            received_at: None,
            encoding: "utf8".to_owned(),
            record,
            other: Map::new(),
        }
    }

    /// Returns the original bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let decoded = (self.encoding == "base64").then(|| BASE64_STANDARD.decode(&self.record));
        match decoded {
            Some(Ok(bytes)) => bytes,
            _ => self.record.clone().into_bytes(),
        }
    }

    /// Returns whether the reject is a whole staged file instead of a row.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.stage == Stage::Load && self.field == "file"
    }
}

fn unreadable(line: &[u8], error: &serde_json::Error) -> Line {
    let text = std::str::from_utf8(line);
    Line {
        reason: "unreadable".to_owned(),
        field: "record".to_owned(),
        detail: format!("the line of the reject object is not a reject: {error}"),
        encoding: Some(if text.is_ok() { "utf8" } else { "base64" }.to_owned()),
        record: text.map_or_else(|_| BASE64_STANDARD.encode(line), str::to_owned),
        ..Line::default()
    }
}

/// Returns the id of a reject whose stage gave it none. Deterministic: the same input gives the same id.
fn id(stage: Stage, position: &str, record: &[u8]) -> String {
    let mut sha = Sha256::new();
    for part in [stage.word().as_bytes(), position.as_bytes(), record] {
        sha.update(part);
        sha.update([0]);
    }
    hex::encode(&sha.finalize()[..ID_BYTES])
}

/// Returns the lines of an object that are not blank, with their numbers from 1.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = bytes.split(|byte| *byte == b'\n');
    (1..)
        .zip(lines)
        .filter(|(_, line)| !line.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Source<'_> = Source {
        stage: Stage::Store,
        key: "rejects/store/dt=2026-01-02/s-1.ndjson",
        modified: "2026-01-02T03:04:05Z",
    };

    #[test]
    fn a_line_of_an_older_version_has_an_id_a_time_and_a_position_of_its_object() {
        let line = br#"{"reason":"missing","field":"InvoiceNo","detail":"absent","record":"{}"}"#;
        let reject = Reject::read(line, 2, SOURCE);
        assert_eq!(reject.id.len(), 16);
        assert_eq!(
            reject.position,
            "rejects/store/dt=2026-01-02/s-1.ndjson, line 2"
        );
        assert_eq!(reject.at, "2026-01-02T03:04:05Z");
        assert_eq!(reject.bytes(), b"{}");
        assert_eq!(reject, Reject::read(line, 2, SOURCE));
        assert_ne!(reject.id, Reject::read(line, 3, SOURCE).id);
    }

    #[test]
    fn a_line_keeps_every_field_that_it_came_with() {
        let line = r#"{"id":"0123456789abcdef","stage":"store","at":"2026-01-02T00:00:00Z","reason":"not_base64","field":"record","detail":"d","position":"shardId-0/1","event_id":"e-1","encoding":"base64","record":"/w==","newer":7}"#;
        let reject = Reject::read(line.as_bytes(), 1, SOURCE);
        assert_eq!(reject.bytes(), [0xff]);
        assert_eq!(serde_json::to_string(&reject).unwrap(), line);
    }

    #[test]
    fn a_line_that_is_no_reject_is_kept_as_one() {
        let reject = Reject::read(b"\xff{", 1, SOURCE);
        assert_eq!(
            (reject.reason.as_str(), reject.bytes()),
            ("unreadable", b"\xff{".to_vec())
        );
        let reject = Reject::read(b"free text", 1, SOURCE);
        assert_eq!(reject.record, "free text");
    }

    #[test]
    fn blank_lines_count_in_the_numbers_and_are_no_rejects() {
        let numbers: Vec<_> = lines(b"a\n\nb\n").map(|(number, _)| number).collect();
        assert_eq!(numbers, [1, 3]);
    }
}
