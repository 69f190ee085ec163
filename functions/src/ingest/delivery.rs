//! Puts envelopes on the stream. Rejected records are retried until the deadline.

use std::time::Duration;

use time::OffsetDateTime;

use super::envelope_record::EnvelopeRecord;
use crate::ports::{Clock, PutRecords};
use crate::retries::Retries;

/// Limits of one call: the most records, and the most bytes with partition keys.
///
/// Kinesis accepts [10 MiB] today. 5 MiB is its former limit, which emulators still enforce; a body of 4 MiB rarely
/// exceeds it.
///
/// [10 MiB]: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
const MAX_RECORDS: usize = 500;
const MAX_BYTES: usize = 5 * 1024 * 1024;

/// Puts `envelopes` on the stream and returns those that the stream did not confirm.
///
/// Only rejected records are sent again; confirmed records are never sent twice. A call that fails as a whole is not
/// retried here, because the SDK has retried it. After a timeout some of its records may be on the stream, but all
/// count as not confirmed. The client sends them again with the same ids, so that each is still one event.
pub(super) async fn deliver<'a>(
    envelopes: &'a [EnvelopeRecord],
    stream: &impl PutRecords,
    clock: &impl Clock,
    deadline: OffsetDateTime,
) -> Vec<&'a EnvelopeRecord> {
    let mut out = Vec::new();
    for call in calls(envelopes) {
        out.extend(put(call, stream, clock, deadline).await);
    }
    out
}

async fn put<'a>(
    mut call: Vec<&'a EnvelopeRecord>,
    stream: &impl PutRecords,
    clock: &impl Clock,
    deadline: OffsetDateTime,
) -> Vec<&'a EnvelopeRecord> {
    let mut retries = Retries::default();
    loop {
        let records: Vec<_> = call.iter().map(|envelope| &envelope.record).collect();
        let refusals = match stream.put_records(&records).await {
            Ok(refusals) => refusals,
            Err(error) => {
                tracing::error!(
                    service = error.service,
                    action = error.action,
                    resource = error.resource,
                    cause = %error,
                    records = records.len(),
                    "cannot put records on the stream"
                );
                return call;
            }
        };
        let Some(first) = refusals.first() else {
            return Vec::new();
        };
        tracing::warn!(
            code = first.code,
            refused = refusals.len(),
            "the stream refused records"
        );
        call = refusals
            .iter()
            .filter_map(|refusal| call.get(refusal.position).copied())
            .collect();
        let left = Duration::try_from(deadline - clock.now()).unwrap_or_default();
        let Some(delay) = retries.delay(left) else {
            tracing::error!(
                records = call.len(),
                "the stream refused records until the deadline"
            );
            return call;
        };
        clock.pause(delay).await;
    }
}

/// Splits the records into calls within the service's limits.
fn calls(envelopes: &[EnvelopeRecord]) -> Vec<Vec<&EnvelopeRecord>> {
    let mut calls: Vec<Vec<&EnvelopeRecord>> = Vec::new();
    let mut bytes = 0;
    for envelope in envelopes {
        let more = envelope.record.data.len() + envelope.record.partition_key.len();
        match calls.last_mut() {
            Some(call) if call.len() < MAX_RECORDS && bytes + more <= MAX_BYTES => {
                call.push(envelope);
                bytes += more;
            }
            _ => {
                calls.push(vec![envelope]);
                bytes = more;
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::StreamRecord;

    #[test]
    fn no_call_exceeds_the_limits_and_the_order_is_kept() {
        for (count, bytes, sizes) in [
            (1_001, 10, vec![500, 500, 1]),
            (50, 256 * 1024, vec![19, 19, 12]),
            (0, 0, vec![]),
        ] {
            let envelopes: Vec<_> = (0..count)
                .map(|index| EnvelopeRecord {
                    record: StreamRecord {
                        partition_key: "536365".to_owned(),
                        data: vec![0; bytes],
                    },
                    indexes: vec![index],
                })
                .collect();
            let calls = calls(&envelopes);
            assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
            let order: Vec<_> = calls
                .iter()
                .flatten()
                .map(|envelope| envelope.indexes[0])
                .collect();
            assert!(order.into_iter().eq(0..count));
        }
    }
}
