//! Backlog of the stream: records that are newer than the newest in the raw lake.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};
use cloudformation::CallFailure;
use time::OffsetDateTime;

use super::inspection::Inspection;
use super::lake::Recent;
use super::waiting::Waiting;
use crate::object;

/// Reads up to `most` records of each shard, from where the lake ends. Uses one `GetRecords` call per shard; Kinesis
/// allows five a second.
///
/// `raw` are the newest objects of the lake.
pub(super) async fn backlog(
    inspection: &Inspection,
    stream: &str,
    bucket: &str,
    raw: &Recent,
    most: i32,
) -> Result<Waiting, CallFailure> {
    let client = Client::new(inspection.clients.sdk());
    let s3 = inspection.clients.s3();
    let shards = client
        .list_shards()
        .stream_name(stream)
        .send()
        .await
        .map_err(CallFailure::of(format!("kinesis ListShards of `{stream}`")))?;
    let each = shards.shards().iter().map(async |shard| {
        let last = last_stored(&s3, bucket, raw, shard.shard_id()).await?;
        waiting(&client, stream, shard.shard_id(), last.as_deref(), most).await
    });
    let mut backlog = Waiting::default();
    for found in futures_util::future::try_join_all(each).await? {
        backlog.count += found.count;
        backlog.oldest = match (backlog.oldest, found.oldest) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
    }
    Ok(backlog)
}

/// Returns the records of a shard after sequence number `last` that are not in the lake.
async fn waiting(
    client: &Client,
    stream: &str,
    shard: &str,
    last: Option<&str>,
    most: i32,
) -> Result<Waiting, CallFailure> {
    let records = records(client, stream, shard, last, most).await?;
    // The probe of a deploy goes to the tables only, never to the lake.
    let waiting: Vec<_> = records
        .iter()
        .filter(|record| !is_probe(record.data().as_ref()))
        .collect();
    let oldest = waiting
        .first()
        .and_then(|record| record.approximate_arrival_timestamp())
        .and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok());
    Ok(Waiting {
        count: waiting.len() as u64,
        oldest,
    })
}

/// Reads at most `most` records of a shard after sequence number `last`, or from the oldest record.
async fn records(
    client: &Client,
    stream: &str,
    shard: &str,
    last: Option<&str>,
    most: i32,
) -> Result<Vec<Record>, CallFailure> {
    let doing = |action: &str| format!("kinesis {action} of `{stream}` {shard}");
    let from = match last {
        Some(_) => ShardIteratorType::AfterSequenceNumber,
        None => ShardIteratorType::TrimHorizon,
    };
    let iterator = client
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard)
        .shard_iterator_type(from)
        .set_starting_sequence_number(last.map(str::to_owned))
        .send()
        .await
        .map_err(CallFailure::of(doing("GetShardIterator")))?;
    let read = client
        .get_records()
        .set_shard_iterator(iterator.shard_iterator)
        .limit(most)
        .send()
        .await
        .map_err(CallFailure::of(doing("GetRecords")))?;
    Ok(read.records)
}

/// Returns whether the record contains only the probe of a deploy.
fn is_probe(record: &[u8]) -> bool {
    let Ok(envelope) = events::Envelope::read(record) else {
        return false;
    };
    envelope.events.iter().all(|entry| {
        events::read(entry.event.get())
            .is_ok_and(|read| events::is_probe(&entry.event_id, &read.line))
    })
}

/// Returns the highest sequence number of a shard that `store` processed today or yesterday: in the lake, or among
/// the rejects.
async fn last_stored(
    s3: &aws_sdk_s3::Client,
    bucket: &str,
    raw: &Recent,
    shard: &str,
) -> Result<Option<String>, CallFailure> {
    let today = OffsetDateTime::now_utc().date();
    let mut rejects = Vec::new();
    for day in [today, today.previous_day().unwrap_or(today)] {
        for prefix in ["rejects/store", "rejects/stream"] {
            let prefix = format!("{prefix}/dt={day}/{shard}-");
            rejects.extend(object::list(s3, bucket, &prefix, usize::MAX).await?);
        }
    }
    let of_lake = raw
        .items
        .iter()
        .filter_map(|item| last_of(&item.key, shard));
    let of_rejects = rejects.iter().filter_map(|object| rejected(object.key()?));
    let last = of_lake.chain(of_rejects).max_by_key(length_then_digits);
    Ok(last.map(str::to_owned))
}

/// Returns the sort key of a sequence number. Sequence numbers are decimals too long for an integer type: one with more
/// digits is higher.
fn length_then_digits<'a>(number: &&'a str) -> (usize, &'a str) {
    (number.len(), number)
}

/// Returns the last sequence number in the key of a raw object, if the object is of this shard.
fn last_of<'a>(key: &'a str, shard: &str) -> Option<&'a str> {
    let (folder, file) = key.rsplit_once('/')?;
    let range = file.strip_suffix(".ndjson.gz")?;
    folder
        .ends_with(&format!("/{shard}"))
        .then(|| range.rsplit_once('-').map(|(_, last)| last))?
}

/// Returns the sequence number in the key of a reject object.
fn rejected(key: &str) -> Option<&str> {
    Some(key.strip_suffix(".ndjson")?.rsplit_once('-')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sequence_number_stands_at_the_end_of_its_own_shards_keys() {
        let key = "raw/v1/dt=2026-01-02/hr=03/shardId-000000000001/495-9.ndjson.gz";
        assert_eq!(last_of(key, "shardId-000000000001"), Some("9"));
        assert_eq!(last_of(key, "shardId-000000000000"), None);
        assert_eq!(last_of("raw/v1/other", "shardId-000000000001"), None);
        let key = "rejects/stream/dt=2026-01-02/shardId-000000000001-10.ndjson";
        assert_eq!(rejected(key), Some("10"));
    }
}
