//! Finds the event's record in the stream, if the stream still has it.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::operation::get_shard_iterator::GetShardIteratorError;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};
use aws_smithy_types::DateTime;
use cloudformation::CallFailure;
use events::Envelope;
use time::{Duration, OffsetDateTime};

use super::evidence::{LakeEntry, StreamRecord};
use super::find::Clue;
use crate::session::Session;

/// How far back the stream is read for an event that no other place knows.
const RECENT: Duration = Duration::minutes(10);
/// Difference that the clocks of API and stream may have.
const SKEW: Duration = Duration::seconds(5);
/// The most calls of `GetRecords` for one shard, which allows five a second for all its readers together.
const MAX_READS: usize = 4;

/// Where to read in the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Start {
    /// At a record of one shard.
    At { shard: String, sequence: String },
    /// At a time, in every shard.
    Since(OffsetDateTime),
}

/// Reads the stream from the first record of the lake object; without one, from the time when the event was received,
/// or the last ten minutes.
pub(super) async fn find(
    session: &Session,
    event_id: &str,
    clue: &Clue,
    entry: Option<&LakeEntry>,
) -> Result<Option<StreamRecord>, CallFailure> {
    let client = Client::new(session.sdk());
    let start = entry.and_then(|entry| at(&entry.key)).unwrap_or_else(|| {
        let received = clue.received_at.map(|at| at - SKEW);
        Start::Since(received.unwrap_or_else(|| OffsetDateTime::now_utc() - RECENT))
    });
    let shards = match &start {
        Start::At { shard, .. } => vec![shard.clone()],
        Start::Since(_) => shards(&client, &session.outputs.stream).await?,
    };
    for shard in shards {
        let reader = Reader {
            client: &client,
            stream: &session.outputs.stream,
            shard: &shard,
            event_id,
            clue,
        };
        if let Some(found) = reader.search(&start).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn shards(client: &Client, stream: &str) -> Result<Vec<String>, CallFailure> {
    let listed = client.list_shards().stream_name(stream).send().await;
    let listed = listed.map_err(CallFailure::of(format!("kinesis ListShards of `{stream}`")))?;
    let shards = listed.shards().iter();
    Ok(shards.map(|shard| shard.shard_id().to_owned()).collect())
}

/// Searches one shard for an event.
struct Reader<'a> {
    client: &'a Client,
    stream: &'a str,
    shard: &'a str,
    event_id: &'a str,
    clue: &'a Clue,
}

impl Reader<'_> {
    /// Reads until a record has the event, or at most four times.
    async fn search(&self, start: &Start) -> Result<Option<StreamRecord>, CallFailure> {
        let mut next = self.iterator(start).await?;
        for _ in 0..MAX_READS {
            let Some(iterator) = next else { break };
            let read = self.client.get_records().shard_iterator(iterator).send();
            let read = read
                .await
                .map_err(CallFailure::of(self.doing("GetRecords")))?;
            if let Some(found) = read.records().iter().find_map(|it| self.of_event(it)) {
                return Ok(Some(found));
            }
            if read.millis_behind_latest == Some(0) {
                break;
            }
            next = read.next_shard_iterator;
        }
        Ok(None)
    }

    /// Returns where to read; `None` if the stream removed the record at the end of the retention period.
    async fn iterator(&self, start: &Start) -> Result<Option<String>, CallFailure> {
        let call = self.client.get_shard_iterator();
        let call = call.stream_name(self.stream).shard_id(self.shard);
        let call = match start {
            Start::At { sequence, .. } => call
                .shard_iterator_type(ShardIteratorType::AtSequenceNumber)
                .starting_sequence_number(sequence),
            Start::Since(at) => call
                .shard_iterator_type(ShardIteratorType::AtTimestamp)
                .timestamp(DateTime::from_secs(at.unix_timestamp())),
        };
        match call.send().await {
            Ok(iterator) => Ok(iterator.shard_iterator),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetShardIteratorError::is_invalid_argument_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(CallFailure::of(self.doing("GetShardIterator"))(error)),
        }
    }

    fn doing(&self, action: &str) -> String {
        format!("kinesis {action} of `{}` {}", self.stream, self.shard)
    }

    /// Returns the record if its envelope has the event.
    fn of_event(&self, record: &Record) -> Option<StreamRecord> {
        let envelope = Envelope::read(record.data().as_ref()).ok()?;
        let envelope_id = envelope.envelope_id.to_string();
        let wanted = self.clue.envelope_id.as_ref();
        let is_other = wanted.is_some_and(|id| *id != envelope_id);
        let mut entries = envelope.events.iter();
        let has_event = entries.any(|entry| entry.event_id.as_ref() == self.event_id);
        (has_event && !is_other).then(|| StreamRecord {
            shard: self.shard.to_owned(),
            sequence_number: record.sequence_number().to_owned(),
            arrived_at: record
                .approximate_arrival_timestamp()
                .and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok()),
            envelope_id,
            request_id: envelope.request_id.clone(),
            received_at: envelope.received_at,
            events: envelope.events.len(),
        })
    }
}

/// Returns the shard and the first sequence number in the key of a lake object.
fn at(key: &str) -> Option<Start> {
    let (folder, file) = key.rsplit_once('/')?;
    let (first, _) = file.strip_suffix(".ndjson.gz")?.split_once('-')?;
    Some(Start::At {
        shard: folder.rsplit_once('/')?.1.to_owned(),
        sequence: first.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_lake_object_tells_where_to_read() {
        let key = "raw/v1/dt=2026-01-02/hr=03/shardId-000000000001/495-999.ndjson.gz";
        let expected = Start::At {
            shard: "shardId-000000000001".to_owned(),
            sequence: "495".to_owned(),
        };
        assert_eq!(at(key), Some(expected));
        assert_eq!(at("raw/v1/other"), None);
    }
}
