//! The handler of `store`.

use aws_lambda_events::streams::KinesisEventResponse;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lambda_runtime::{Diagnostic, LambdaEvent};
use time::{Duration, OffsetDateTime};

use super::batch::{Batch, Record};
use super::reading::{Reading, of_lake, read};
use super::settings::BatchFailures;
use super::{keys, writing};
use crate::gzip;
use crate::metrics::{Arrivals, Metric};
use crate::ports::{CallError, Clock, Count, PutIfAbsent, PutObject, WriteItems};
use crate::rejects::ndjson;

/// Part of the function's timeout that is reserved for writing the lake and the response.
const MARGIN: Duration = Duration::seconds(5);

/// Reject objects that are written concurrently.
const REJECTS: usize = 4;

/// Writes envelopes to the tables and the raw lake.
#[derive(Debug)]
pub struct Store<T, B, C, M> {
    pub tables: T,
    /// The bucket of the raw lake and of rejects.
    pub bucket: B,
    pub clock: C,
    /// Metrics: `Records`, `Stored`, `Rejected`, `LakeBytes`, `Failures`, `EventAgeMilliseconds`.
    pub metrics: M,
    /// How to report a partial failure of a batch.
    pub failures: BatchFailures,
}

/// A batch that must be retried as a whole.
#[derive(Eq, PartialEq, thiserror::Error)]
#[error("stored {stored} of {records} records: {cause}")]
pub struct Failed {
    stored: usize,
    records: usize,
    cause: CallError,
}

impl std::fmt::Debug for Failed {
    /// Prints like `Display`, because the runtime logs a function's error with `Debug`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl From<Failed> for Diagnostic {
    fn from(failed: Failed) -> Self {
        Self {
            error_type: failed.cause.code.clone(),
            error_message: failed.to_string(),
        }
    }
}

/// Position of the first record that must be retried, and the cause.
type Stop = (usize, CallError);

impl<T: WriteItems, B: PutIfAbsent + PutObject, C: Clock, M: Count> Store<T, B, C, M> {
    /// Stores the records of a batch and reports the first one that must be retried, as [`BatchFailures`] says.
    ///
    /// Replayed lines are written to the tables only, as the same items as the first time.
    ///
    /// Idempotent. Only service failures and envelopes of a newer version are reported; an invalid record is kept as a
    /// reject.
    ///
    /// # Errors
    ///
    /// With [`BatchFailures::Whole`], fails if any record must be retried. A replay fails if a service call fails.
    pub async fn handle(&self, event: LambdaEvent<Batch>) -> Result<KinesisEventResponse, Failed> {
        let (batch, context) = event.into_parts();
        let deadline = OffsetDateTime::from(context.deadline()) - MARGIN;
        if !batch.replay.is_empty() {
            self.replay(&batch.replay, deadline).await?;
            return Ok(KinesisEventResponse::default());
        }
        let records = batch.records;
        let mut readings: Vec<_> = records.iter().map(read).collect();
        let stop = self.store(&records, &mut readings, deadline).await.err();
        let stored = self.stored(&readings, stop.as_ref());
        self.count(records.len(), stored, stop.is_some());
        let stored = stored.len();
        let Some((position, cause)) = stop else {
            return Ok(KinesisEventResponse::default());
        };
        let from = records
            .get(position)
            .map(Record::sequence)
            .unwrap_or_default();
        tracing::error!(
            service = cause.service,
            action = cause.action,
            resource = cause.resource,
            cause = %cause,
            from,
            records = records.len(),
            kept = stored,
            "records will be retried"
        );
        let failed = Failed {
            stored,
            records: records.len(),
            cause,
        };
        self.retry(from, failed)
    }

    /// Reports that the records `from` this one must be retried.
    fn retry(&self, from: &str, failed: Failed) -> Result<KinesisEventResponse, Failed> {
        match self.failures {
            BatchFailures::Whole => Err(failed),
            BatchFailures::Partial => {
                let mut response = KinesisEventResponse::default();
                response.add_failure(from);
                Ok(response)
            }
        }
    }

    /// Writes the items of replayed lines. The lines are in the lake already.
    async fn replay(&self, lines: &[String], deadline: OffsetDateTime) -> Result<(), Failed> {
        let items: Vec<_> = of_lake(lines).into_iter().map(|item| (0, item)).collect();
        tracing::info!(lines = lines.len(), items = items.len(), "replayed");
        let written = writing::write(items, &self.tables, &self.clock, deadline).await;
        written.map_err(|(_, cause)| Failed {
            stored: 0,
            records: lines.len(),
            cause,
        })
    }

    async fn store(
        &self,
        records: &[Record],
        readings: &mut [Reading],
        deadline: OffsetDateTime,
    ) -> Result<(), Stop> {
        let items = readings
            .iter_mut()
            .enumerate()
            .flat_map(|(position, reading)| {
                std::mem::take(&mut reading.items)
                    .into_iter()
                    .map(move |item| (position, item))
            });
        let written = writing::write(items.collect(), &self.tables, &self.clock, deadline).await;
        let mut stop = earlier(written.err(), too_new(records, readings));
        let all: Vec<_> = records.iter().zip(&*readings).collect();
        let rejects = self.put_rejects(self.stored(&all, stop.as_ref())).await;
        stop = rejects.err().or(stop);
        self.to_lake(self.stored(&all, stop.as_ref())).await?;
        stop.map_or(Ok(()), Err)
    }

    /// Returns the elements that need no retry after `stop`.
    fn stored<'a, R>(&self, all: &'a [R], stop: Option<&Stop>) -> &'a [R] {
        let end = match (stop, self.failures) {
            (None, _) => all.len(),
            (Some((position, _)), BatchFailures::Partial) => *position,
            // The whole batch will be retried: records that went to the lake now would be there twice.
            (Some(_), BatchFailures::Whole) => 0,
        };
        all.get(..end).unwrap_or_default()
    }

    async fn put_rejects(&self, stored: &[(&Record, &Reading)]) -> Result<(), Stop> {
        let rejected = stored
            .iter()
            .enumerate()
            .filter(|(_, (_, reading))| !reading.rejects.is_empty());
        let puts = rejected.map(async |(position, (record, reading))| {
            let key = keys::reject(record);
            for reject in &reading.rejects {
                tracing::warn!(
                    reason = reject.reason,
                    field = reject.field,
                    detail = reject.detail,
                    key,
                    "record rejected"
                );
            }
            let put = self.bucket.put_object(&key, ndjson(&reading.rejects)).await;
            put.map_err(|error| (position, error))
        });
        stream::iter(puts).buffered(REJECTS).try_collect().await
    }

    async fn to_lake(&self, stored: &[(&Record, &Reading)]) -> Result<(), Stop> {
        let (Some((first, _)), Some((last, _))) = (stored.first(), stored.last()) else {
            return Ok(());
        };
        let lines: Vec<u8> = stored
            .iter()
            .flat_map(|(_, reading)| &reading.lake)
            .copied()
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        let object = gzip::compress(&lines);
        self.metrics
            .count(&[Metric::bytes("LakeBytes", object.len())]);
        let put = self
            .bucket
            .put_if_absent(&keys::lake(first, last), object)
            .await;
        put.map(|_| ()).map_err(|error| (0, error))
    }

    fn count(&self, records: usize, stored: &[Reading], failed: bool) {
        let rejected = stored.iter().map(|reading| reading.rejects.len()).sum();
        let mut arrivals = Arrivals::default();
        for reading in stored {
            if let Some(at) = reading.received_at {
                arrivals.add(at, reading.events);
            }
        }
        let mut metrics = vec![
            Metric::count("Records", records),
            Metric::count("Stored", stored.iter().map(|reading| reading.events).sum()),
            Metric::count("Rejected", rejected),
            Metric::count("Failures", usize::from(failed)),
        ];
        metrics.extend(arrivals.ages(self.clock.now()));
        self.metrics.count(&metrics);
    }
}

/// Returns the first record that a newer `ingest` wrote.
fn too_new(records: &[Record], readings: &[Reading]) -> Option<Stop> {
    let mut all = records.iter().zip(readings).enumerate();
    all.find_map(|(position, (record, reading))| {
        let error = CallError {
            service: "kinesis",
            action: "GetRecords",
            resource: format!("record {}/{}", record.shard(), record.sequence()),
            code: "NewerEnvelope".to_owned(),
            message: reading.too_new.clone()?,
        };
        Some((position, error))
    })
}

fn earlier(one: Option<Stop>, other: Option<Stop>) -> Option<Stop> {
    one.into_iter()
        .chain(other)
        .min_by_key(|(position, _)| *position)
}
