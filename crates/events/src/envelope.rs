//! The envelope: a record on the stream with the lines of one invoice from one request.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::timestamp::instant;
use crate::{EnvelopeId, EventId};

/// The largest envelope, in bytes of JSON: 256 KiB.
///
/// A Kinesis record may have [1 MiB] and a DynamoDB item [400 KB]; the stored item is smaller than its envelope.
///
/// [1 MiB]: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
/// [400 KB]: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
pub const MAX_ENVELOPE_BYTES: usize = 256 * 1024;

/// Version of the envelope's format.
const VERSION: u8 = 1;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Entry {
    pub event_id: EventId,
    /// The producer's object without insignificant white space.
    pub event: Box<RawValue>,
}

/// A record on the stream: the lines of one invoice that came in one request.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Envelope {
    v: u8,
    /// Hash of the entries. The same request sent again gives the same ids.
    pub envelope_id: EnvelopeId,
    /// The API's request id, to trace an event through the logs.
    pub request_id: String,
    /// When the API received the request.
    #[serde(with = "instant")]
    pub received_at: OffsetDateTime,
    /// The lines in the order of the request.
    pub events: Vec<Entry>,
}

/// A record that is not a valid envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The record is not JSON or has another structure.
    #[error("the record is not an envelope")]
    Shape(#[source] serde_json::Error),
    /// A newer `ingest` wrote the record, for example during an update of the functions. A newer reader understands
    /// it.
    #[error(
        "envelope version {0} is newer than {VERSION}, the newest that this function reads: deploy the newer functions"
    )]
    Newer(u8),
    /// The version does not exist.
    #[error("envelope version {0} does not exist")]
    Version(u8),
    /// The content does not match the id, which is its hash.
    #[error("the content of envelope {0} does not match its id: it was changed in transit")]
    Changed(EnvelopeId),
}

/// The part of an envelope that every version has.
#[derive(Deserialize)]
struct Versioned {
    v: u8,
}

impl Envelope {
    /// Packs the entries of one invoice. Starts a new envelope when one would exceed [`MAX_ENVELOPE_BYTES`].
    ///
    /// An entry larger than the limit gets its own envelope; [`read`](crate::read) rejects such events. Deterministic:
    /// the same entries give the same envelope ids.
    #[must_use]
    pub fn pack(request_id: &str, received_at: OffsetDateTime, entries: Vec<Entry>) -> Vec<Self> {
        let mut envelopes = Vec::new();
        let mut chunk = Vec::new();
        let mut bytes = frame_bytes(request_id);
        for entry in entries {
            let more = entry_bytes(&entry);
            if !chunk.is_empty() && bytes + more > MAX_ENVELOPE_BYTES {
                envelopes.push(Self::seal(
                    request_id,
                    received_at,
                    std::mem::take(&mut chunk),
                ));
                bytes = frame_bytes(request_id);
            }
            bytes += more;
            chunk.push(entry);
        }
        if !chunk.is_empty() {
            envelopes.push(Self::seal(request_id, received_at, chunk));
        }
        envelopes
    }

    fn seal(request_id: &str, received_at: OffsetDateTime, events: Vec<Entry>) -> Self {
        Self {
            v: VERSION,
            envelope_id: hash(&events),
            request_id: request_id.to_owned(),
            received_at,
            events,
        }
    }

    /// Parses a record of the stream and verifies its id.
    ///
    /// # Errors
    ///
    /// Fails if the record is not an envelope, has an unknown version, or does not match its id.
    pub fn read(record: &[u8]) -> Result<Self, EnvelopeError> {
        // The version is read first, because a newer envelope may have another structure.
        let Versioned { v } = serde_json::from_slice(record).map_err(EnvelopeError::Shape)?;
        if v > VERSION {
            return Err(EnvelopeError::Newer(v));
        }
        let envelope: Self = serde_json::from_slice(record).map_err(EnvelopeError::Shape)?;
        if envelope.v != VERSION {
            return Err(EnvelopeError::Version(envelope.v));
        }
        if hash(&envelope.events) != envelope.envelope_id {
            return Err(EnvelopeError::Changed(envelope.envelope_id));
        }
        Ok(envelope)
    }

    /// Returns the record as JSON.
    ///
    /// # Panics
    ///
    /// Never: every part of an envelope can be serialised.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "texts, numbers and raw JSON always serialise"
        )]
        serde_json::to_vec(self).expect("an envelope is JSON")
    }
}

/// Hashes ids and contents. Each is terminated by a zero byte, which neither can contain.
fn hash(entries: &[Entry]) -> EnvelopeId {
    let mut sha = Sha256::new();
    for entry in entries {
        sha.update(entry.event_id.as_ref());
        sha.update([0]);
        sha.update(entry.event.get());
        sha.update([0]);
    }
    EnvelopeId::from_digest(&sha.finalize())
}

/// Returns an upper bound of the envelope's size without its entries, in bytes.
fn frame_bytes(request_id: &str) -> usize {
    static EMPTY: LazyLock<usize> = LazyLock::new(|| {
        Envelope::seal("", OffsetDateTime::UNIX_EPOCH, Vec::new())
            .to_json()
            .len()
    });
    // `received_at` may have ten more characters than the epoch; an escaped character takes at most six bytes.
    *EMPTY + "000000000.".len() + 6 * request_id.len()
}

fn entry_bytes(entry: &Entry) -> usize {
    let id = entry.event_id.as_ref();
    // Quotes and backslashes of an id are escaped with one more byte. It has no control characters.
    let escapes = id.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
    r#"{"event_id":"","event":},"#.len() + id.len() + escapes + entry.event.get().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-01-02 12:00:00.123456789 UTC);

    fn entry(id: &str, event: &str) -> Entry {
        Entry {
            event_id: id.parse().unwrap(),
            event: RawValue::from_string(event.to_owned()).unwrap(),
        }
    }

    #[test]
    fn the_same_events_have_the_same_id_in_another_request_at_another_time() {
        let one = Envelope::pack("r1", NOON, vec![entry("a", "{\"Quantity\":6}")]);
        let two = Envelope::pack(
            "r2",
            OffsetDateTime::UNIX_EPOCH,
            vec![entry("a", "{\"Quantity\":6}")],
        );
        assert_eq!(one[0].envelope_id, two[0].envelope_id);
    }

    /// Two entries whose envelope has `bytes` bytes as JSON. Every part has its longest form: control characters in
    /// the request id, a fraction of nine digits, escapes in the ids of events.
    fn packed_to(bytes: usize) -> Vec<Envelope> {
        let pack = |event: &str| {
            let entries = vec![entry("a\"\\", "{\"Quantity\":6}"), entry("b\\\"\\", event)];
            Envelope::pack("\u{1}\u{2}\u{3}", NOON, entries)
        };
        let rest = bytes - pack("\"\"")[0].to_json().len();
        pack(&format!("\"{}\"", "x".repeat(rest)))
    }

    #[test]
    fn an_envelope_is_split_only_where_it_would_reach_its_limit() {
        assert_eq!(packed_to(1_000).len(), 1);
        // The last entry is counted with a comma, which it does not have.
        assert_eq!(packed_to(262_143).len(), 1);
        assert_eq!(packed_to(262_144).len(), 2);
    }

    #[test]
    fn an_entry_beyond_the_limit_has_an_envelope_of_its_own() {
        let large = format!("\"{}\"", "x".repeat(300_000));
        let entries = vec![entry("a", &large), entry("b", "{}"), entry("c", "{}")];
        let counts: Vec<_> = Envelope::pack("r", NOON, entries)
            .iter()
            .map(|envelope| envelope.events.len())
            .collect();
        assert_eq!(counts, [1, 2]);
        assert!(Envelope::pack("r", NOON, Vec::new()).is_empty());
    }

    #[test]
    fn another_id_or_content_is_another_envelope() {
        let ids: std::collections::BTreeSet<_> = [("a", "{}"), ("b", "{}"), ("a", "[]")]
            .map(|(id, event)| hash(&[entry(id, event)]))
            .into_iter()
            .collect();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn an_invalid_record_is_an_error_with_its_reason() {
        assert!(matches!(
            Envelope::read(b"not json"),
            Err(EnvelopeError::Shape(_))
        ));
        assert!(matches!(
            Envelope::read(b"{\"v\":1}"),
            Err(EnvelopeError::Shape(_))
        ));
        let sealed = Envelope::pack("r", NOON, vec![entry("a", "{\"Quantity\":6}")]).remove(0);
        let text = String::from_utf8(sealed.to_json()).unwrap();
        for newer in [
            text.replacen("\"v\":1", "\"v\":2", 1),
            "{\"v\":2,\"lines\":[]}".to_owned(),
        ] {
            assert!(matches!(
                Envelope::read(newer.as_bytes()),
                Err(EnvelopeError::Newer(2))
            ));
        }
        let none = text.replacen("\"v\":1", "\"v\":0", 1);
        assert!(matches!(
            Envelope::read(none.as_bytes()),
            Err(EnvelopeError::Version(0))
        ));
        let changed = text.replace("\"Quantity\":6", "\"Quantity\":7");
        assert!(matches!(
            Envelope::read(changed.as_bytes()),
            Err(EnvelopeError::Changed(_))
        ));
    }

    #[test]
    fn an_envelope_with_an_arrival_outside_the_accepted_years_is_invalid() {
        let sealed = Envelope::pack("r", NOON, vec![entry("a", "{}")]).remove(0);
        let text = String::from_utf8(sealed.to_json()).unwrap();
        for at in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"] {
            let changed = text.replace("2026-01-02T12:00:00.123456789Z", at);
            assert_ne!(changed, text);
            assert!(matches!(
                Envelope::read(changed.as_bytes()),
                Err(EnvelopeError::Shape(_))
            ));
        }
    }

    proptest! {
        #[test]
        fn packing_loses_nothing_keeps_the_order_and_stays_within_the_limit(
            sizes in prop::collection::vec(0..8_000_usize, 1..120),
            request_id in "[a-z\"\\\\]{0,40}",
        ) {
            let entries: Vec<_> = sizes
                .iter()
                .enumerate()
                .map(|(i, size)| entry(&format!("e\"{i}"), &format!("\"{}\"", "x".repeat(*size))))
                .collect();
            let packed = Envelope::pack(&request_id, NOON, entries.clone());
            let mut seen = Vec::new();
            for envelope in &packed {
                let json = envelope.to_json();
                prop_assert!(json.len() <= MAX_ENVELOPE_BYTES);
                let back = Envelope::read(&json).unwrap();
                prop_assert_eq!(back.received_at, NOON);
                seen.extend(back.events.into_iter().map(|e| (e.event_id, e.event.get().to_owned())));
            }
            let sent: Vec<_> =
                entries.into_iter().map(|e| (e.event_id, e.event.get().to_owned())).collect();
            prop_assert_eq!(seen, sent);
        }
    }
}
