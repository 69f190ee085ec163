use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::timestamp::instant;
use crate::{EnvelopeId, EventId};

/// A line of the raw lake's NDJSON: the producer's object, unchanged, and its metadata.
#[derive(Debug, Deserialize, Serialize)]
pub struct LakeLine {
    pub event_id: EventId,
    /// The envelope that the event came in; if an event has several contents, the smallest envelope id wins.
    pub envelope_id: EnvelopeId,
    /// When the API received the event.
    #[serde(with = "instant")]
    pub received_at: OffsetDateTime,
    /// The producer's object, including unknown fields.
    pub event: Box<RawValue>,
}
