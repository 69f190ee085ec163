//! One line of the raw lake.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::timestamp::instant;
use crate::{EnvelopeId, EventId};

/// One line of the raw lake's NDJSON: the producer's object untouched, and what the platform knows of it.
#[derive(Debug, Deserialize, Serialize)]
pub struct LakeLine {
    /// The event's identity.
    pub event_id: EventId,
    /// The envelope that brought it; on a reused id the smallest wins.
    pub envelope_id: EnvelopeId,
    /// When the API took it in.
    #[serde(with = "instant")]
    pub received_at: OffsetDateTime,
    /// The producer's object, unknown fields included.
    pub event: Box<RawValue>,
}
