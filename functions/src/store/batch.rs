//! The event of `store`: records of the stream, or lines of the raw lake in a replay.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use time::OffsetDateTime;

/// Records of one shard in their order, or lines to replay.
///
/// `aws_lambda_events::kinesis::KinesisEvent` is not used: it rejects the whole batch for one record that is not
/// base64, and a failing batch blocks its shard.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records", default)]
    pub records: Vec<Record>,
    /// Lines of the raw lake whose items may be missing in the tables, in the order of the lake. `stack replay` sends
    /// them, with all lines of an envelope in one batch.
    #[serde(default)]
    pub replay: Vec<String>,
}

/// A record of the stream.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Shard id and sequence number, separated by a colon.
    #[serde(rename = "eventID", default)]
    event_id: String,
    kinesis: Content,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    data: String,
    sequence_number: String,
    approximate_arrival_timestamp: f64,
}

impl Record {
    /// Returns the shard id, such as `shardId-000000000006`.
    #[must_use]
    pub fn shard(&self) -> &str {
        self.event_id
            .split_once(':')
            .map_or("unknown-shard", |(shard, _)| shard)
    }

    /// Returns the sequence number: a decimal number of up to 56 digits.
    #[must_use]
    pub fn sequence(&self) -> &str {
        &self.kinesis.sequence_number
    }

    /// Returns when the stream received the record, in whole seconds. It is the same at each delivery.
    #[must_use]
    pub fn arrival(&self) -> OffsetDateTime {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds of this era fit an i64"
        )]
        let seconds = self.kinesis.approximate_arrival_timestamp as i64;
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Returns the decoded content.
    ///
    /// # Errors
    ///
    /// Fails if the content is not base64.
    pub fn data(&self) -> Result<Vec<u8>, base64::DecodeError> {
        BASE64_STANDARD.decode(&self.kinesis.data)
    }

    /// Returns the content in base64, for a reject.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.kinesis.data
    }
}
