//! Rejects: invalid records and rows that are kept for an operator, as NDJSON under `rejects/`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use events::{EnvelopeId, EventId, Reject};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

/// Bytes of the hash that form a reject's id.
const ID_BYTES: usize = 8;

/// A stage that keeps rejects.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Requests and events of the API.
    Ingest,
    Store,
    Transform,
    /// Rows and staged files.
    Load,
}

impl Stage {
    const fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Store => "store",
            Self::Transform => "transform",
            Self::Load => "load",
        }
    }
}

/// Encoding of the original bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The original text.
    Utf8,
    /// Base64, because the bytes are not UTF-8.
    Base64,
}

/// A rejected record: one line of a reject object.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Rejected {
    pub stage: Stage,
    /// When it was kept, RFC 3339. A stage that may read the same input again uses the arrival time of that input
    /// instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The reason code, for programs: one of [`events::Reason`], or one of the stage's own.
    pub reason: String,
    /// The invalid part: name of a field or column, `record` for the whole record, or `file`.
    pub field: String,
    /// The reason, for people.
    pub detail: String,
    /// The position, for people: `csv/v1/….csv.gz, line 7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// The event id, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The envelope id, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope_id: Option<String>,
    /// When the API received the event, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
    /// Encoding of `record`.
    pub encoding: Encoding,
    /// The original bytes.
    pub record: String,
    /// Replaces the position in the id's hash, for a reject whose position differs each time.
    #[serde(skip)]
    pub identity: Option<String>,
}

impl Rejected {
    /// Builds the reject of a record that is not an event.
    #[must_use]
    pub fn record(stage: Stage, reason: &str, detail: impl Into<String>, record: &[u8]) -> Self {
        let (encoding, record) = match str::from_utf8(record) {
            Ok(text) => (Encoding::Utf8, text.to_owned()),
            Err(_) => (Encoding::Base64, BASE64_STANDARD.encode(record)),
        };
        Self {
            stage,
            at: None,
            reason: reason.to_owned(),
            field: "record".to_owned(),
            detail: detail.into(),
            position: None,
            event_id: None,
            envelope_id: None,
            received_at: None,
            encoding,
            record,
            identity: None,
        }
    }

    /// Builds the reject of a staged file's row. `position` is its file and line, `row` its original bytes.
    #[must_use]
    pub fn row(
        column: Option<&str>,
        detail: &str,
        position: String,
        event_id: Option<String>,
        row: &[u8],
    ) -> Self {
        Self {
            field: column.unwrap_or("record").to_owned(),
            position: Some(position),
            event_id,
            ..Self::record(Stage::Load, "copy_refused", detail, row)
        }
    }

    /// Builds the reject of a staged file that cannot be used at all; the record is its key.
    #[must_use]
    pub fn file(reason: &str, detail: impl Into<String>, key: String) -> Self {
        Self {
            field: "file".to_owned(),
            ..Self::record(Stage::Load, reason, detail, key.as_bytes())
        }
        .at_position(key)
    }

    /// Builds the reject of an invalid event.
    #[must_use]
    pub fn event(stage: Stage, reject: &Reject, event: &str) -> Self {
        let reason = word(&reject.reason);
        Self {
            field: word(&reject.field),
            ..Self::record(stage, &reason, reject.detail.clone(), event.as_bytes())
        }
    }

    /// Sets the position.
    #[must_use]
    pub fn at_position(self, position: String) -> Self {
        Self {
            position: Some(position),
            ..self
        }
    }

    /// Sets the time at which it was kept.
    #[must_use]
    pub fn kept_at(self, at: OffsetDateTime) -> Self {
        Self {
            at: Some(events::format_instant(at)),
            ..self
        }
    }

    /// Sets the event id, the envelope id and the time of arrival.
    #[must_use]
    pub fn of_envelope(
        self,
        event_id: &EventId,
        envelope_id: &EnvelopeId,
        received_at: OffsetDateTime,
    ) -> Self {
        Self {
            event_id: Some(event_id.to_string()),
            envelope_id: Some(envelope_id.to_string()),
            received_at: Some(events::format_instant(received_at)),
            ..self
        }
    }

    /// Returns the reject's id: 16 hexadecimal digits. The same input has the same id each time it is rejected.
    #[must_use]
    pub fn id(&self) -> String {
        let place = self.identity.as_ref().or(self.position.as_ref());
        let mut sha = Sha256::new();
        for part in [
            self.stage.word(),
            place.map_or("", String::as_str),
            &self.record,
        ] {
            sha.update(part);
            sha.update([0]);
        }
        hex::encode(&sha.finalize()[..ID_BYTES])
    }
}

/// A line of a reject object.
#[derive(Serialize)]
struct Line<'r> {
    id: String,
    #[serde(flatten)]
    reject: &'r Rejected,
}

/// Returns the name that serde gives to a variant.
pub(crate) fn word(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Formats rejects as NDJSON.
#[must_use]
pub fn ndjson(rejects: &[Rejected]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for reject in rejects {
        let id = reject.id();
        // Serialising strings to a `Vec` cannot fail.
        let _ = serde_json::to_writer(&mut bytes, &Line { id, reject });
        bytes.push(b'\n');
    }
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use time::macros::datetime;

    use super::*;

    fn written(rejects: &[Rejected]) -> Vec<Value> {
        let text = String::from_utf8(ndjson(rejects)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_reject_is_one_line_whatever_the_record_holds() {
        let event = "{\n\"Quantity\":\"six\"}";
        let reject = events::read(event).unwrap_err();
        let lines = written(&[
            Rejected::event(Stage::Store, &reject, event)
                .at_position("shardId-1/2, event 1".to_owned())
                .kept_at(datetime!(2026-01-02 03:04:05 UTC)),
            Rejected::record(Stage::Store, "not_base64", "no base64", "£\n".as_bytes()),
            Rejected::record(Stage::Store, "not_an_envelope", "no envelope", b"\xff\xfe"),
        ]);
        let part = |key: &str| -> Vec<_> { lines.iter().map(|line| line[key].clone()).collect() };
        assert_eq!(part("reason"), ["missing", "not_base64", "not_an_envelope"]);
        assert_eq!(part("field"), ["InvoiceNo", "record", "record"]);
        assert_eq!(part("record"), [event, "£\n", "//4="]);
        assert_eq!(part("encoding"), ["utf8", "utf8", "base64"]);
        assert_eq!(part("stage"), ["store", "store", "store"]);
        assert_eq!(lines[0]["position"], "shardId-1/2, event 1");
        assert_eq!(lines[0]["at"], "2026-01-02T03:04:05.000Z");
    }

    #[test]
    fn an_id_follows_from_stage_position_and_record_alone() {
        let row = |position: &str, row: &[u8]| {
            Rejected::row(None, "x", position.to_owned(), None, row).id()
        };
        let id = row("csv/v1/a.csv.gz, line 7", b"e-1,2");
        assert_eq!(id.len(), 16);
        let again = Rejected::row(
            Some("quantity"),
            "another reason",
            "csv/v1/a.csv.gz, line 7".to_owned(),
            Some("e-1".to_owned()),
            b"e-1,2",
        );
        assert_eq!(id, again.kept_at(OffsetDateTime::UNIX_EPOCH).id());
        assert_ne!(id, row("csv/v1/a.csv.gz, line 8", b"e-1,2"));
        assert_ne!(id, row("csv/v1/a.csv.gz, line 7", b"e-1,3"));
    }
}
