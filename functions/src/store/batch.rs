//! What a mapping from the stream brings, or a replay of the raw lake.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use time::OffsetDateTime;

/// Records of one shard, in their order.
///
/// Not `aws_lambda_events::kinesis::KinesisEvent`: that refuses the whole batch for one record that is not
/// base64, and a refused batch stops its shard.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Batch {
    /// The records.
    #[serde(rename = "Records", default)]
    pub records: Vec<Record>,
    /// Lines of the raw lake whose items the tables may lack, in the order of the lake: `stack replay` sends them. All
    /// lines of an envelope are in one batch.
    #[serde(default)]
    pub replay: Vec<String>,
}

/// One record of the stream.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// The shard, a colon and the sequence number.
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
    /// Its shard, such as `shardId-000000000006`.
    #[must_use]
    pub fn shard(&self) -> &str {
        self.event_id
            .split_once(':')
            .map_or("unknown-shard", |(shard, _)| shard)
    }

    /// Its place in the shard: a decimal number of up to 56 digits.
    #[must_use]
    pub fn sequence(&self) -> &str {
        &self.kinesis.sequence_number
    }

    /// When the stream took it, to the second; the same each time that it is delivered.
    #[must_use]
    pub fn arrival(&self) -> OffsetDateTime {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds of this era fit an i64"
        )]
        let seconds = self.kinesis.approximate_arrival_timestamp as i64;
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Its content.
    ///
    /// # Errors
    ///
    /// When it is not base64.
    pub fn data(&self) -> Result<Vec<u8>, base64::DecodeError> {
        BASE64_STANDARD.decode(&self.kinesis.data)
    }

    /// Its content as it came, for a reject.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.kinesis.data
    }
}
