//! The handler of `transform`.

use std::collections::BTreeSet;
use std::convert::Infallible;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::{StreamExt as _, stream};
use lambda_runtime::LambdaEvent;

use super::lines::Lines;
use super::plan::{self, Group, plan};
use super::source::Source;
use super::table::Table;
use crate::logs;
use crate::metrics::Metric;
use crate::notification;
use crate::ports::{CallError, Clock, Count, GetObject, Put, PutIfAbsent, PutObject};
use crate::rejects::ndjson;

/// Objects that are fetched ahead of the one being parsed.
const PREFETCH: usize = 4;

/// Converts objects of the raw lake to CSV.
#[derive(Debug)]
pub struct Transform<G, B, C, M> {
    pub lake: G,
    /// The bucket of the staged CSV and of rejects.
    pub staging: B,
    pub clock: C,
    /// Metrics: `Objects`, `Rows`, `Rejected`, `Files`, `CsvBytes`, `Failures`, `EventAgeMilliseconds`.
    pub metrics: M,
    /// Compressed size, in bytes, at which a file is closed: [`ROLL_BYTES`](super::ROLL_BYTES) except in tests.
    pub roll_bytes: usize,
    /// Version of the CSV: [`CSV_VERSION`](events::row::CSV_VERSION) except in tests.
    pub version: u32,
}

/// A failure to stage a group of objects.
#[derive(Debug, thiserror::Error)]
enum StageError {
    /// An object cannot be read; the group can be staged without it.
    #[error("object {index} of the group cannot be staged")]
    Source {
        index: usize,
        #[source]
        cause: SourceError,
    },
    /// A file or reject object cannot be written.
    #[error(transparent)]
    Target(CallError),
}

impl StageError {
    /// Returns the failed call, if the cause is one.
    fn call(&self) -> Option<&CallError> {
        match self {
            Self::Target(call)
            | Self::Source {
                cause: SourceError::Call(call),
                ..
            } => Some(call),
            Self::Source { .. } => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error(transparent)]
    Call(CallError),
    #[error("the object is not a complete gzip file")]
    Broken(#[source] std::io::Error),
}

impl<G: GetObject, B: PutIfAbsent + PutObject, C: Clock, M: Count> Transform<G, B, C, M> {
    /// Stages the objects that the messages of a batch name, and returns the messages to retry: those with an object
    /// that could not be staged, and those that are not S3 notifications. The queue moves the latter to its
    /// dead-letter queue after the last attempt.
    ///
    /// Idempotent: the same batch writes nothing new.
    ///
    /// # Errors
    ///
    /// None: every failure is part of the response.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, Infallible> {
        let messages: Vec<_> = event
            .payload
            .records
            .iter()
            .map(|message| (message, notification::read(message, Source::try_from)))
            .collect();
        let all = messages
            .iter()
            .filter_map(|(_, sources)| sources.as_ref())
            .flatten()
            .cloned();
        let mut failed = BTreeSet::new();
        for group in plan(all) {
            failed.extend(self.stage(group).await);
        }
        let mut response = SqsBatchResponse::default();
        for (message, sources) in &messages {
            let done = sources
                .iter()
                .flatten()
                .all(|source| !failed.contains(source));
            if sources.is_none() || !done {
                response.add_failure(message.message_id.clone().unwrap_or_default());
            }
        }
        self.metrics.count(&[Metric::count(
            "Failures",
            response.batch_item_failures.len(),
        )]);
        Ok(response)
    }

    /// Stages `group` without the objects that fail, and returns these.
    ///
    /// If an object breaks off after some rows, the group is started again without it, because a file's key is a hash
    /// of all objects in the file.
    async fn stage(&self, mut group: Group) -> Vec<Source> {
        let mut failed = Vec::new();
        while !group.sources.is_empty() {
            let error = match self.write(&group).await {
                Ok(()) => return failed,
                Err(error) => error,
            };
            let out: Vec<_> = match &error {
                StageError::Source { index, .. } => vec![group.sources.remove(*index)],
                StageError::Target(_) => std::mem::take(&mut group.sources),
            };
            let keys: Vec<_> = out.iter().map(|source| source.key.as_str()).collect();
            let call = error.call();
            tracing::error!(
                service = call.map(|call| call.service),
                action = call.map(|call| call.action),
                resource = call.map(|call| call.resource.as_str()),
                cause = logs::chain(&error),
                ?keys,
                "objects will be retried"
            );
            failed.extend(out);
        }
        failed
    }

    async fn write(&self, group: &Group) -> Result<(), StageError> {
        let objects = group
            .sources
            .iter()
            .map(|from| self.lake.get_object(&from.bucket, &from.key));
        let mut objects = stream::iter(objects).buffered(PREFETCH).enumerate();
        let mut table = Table::new();
        let mut part = 0;
        while let Some((index, object)) = objects.next().await {
            let source = |cause| StageError::Source { index, cause };
            let object = object.map_err(|error| source(SourceError::Call(error)))?;
            let mut rejects = Vec::new();
            let key = group
                .sources
                .get(index)
                .map_or("", |from| from.key.as_str());
            let mut lines = Lines::new(key, &object);
            while let Some(line) = lines.next().map_err(|e| source(SourceError::Broken(e)))? {
                match line {
                    Ok(row) => table.add(&row),
                    Err(reject) => rejects.push(reject),
                }
                if table.bytes() >= self.roll_bytes {
                    self.put(group, part, std::mem::replace(&mut table, Table::new()))
                        .await?;
                    part += 1;
                }
            }
            if let Some(from) = group.sources.get(index).filter(|_| !rejects.is_empty()) {
                let key = plan::rejects(from);
                tracing::warn!(rejected = rejects.len(), key, "lines of the lake rejected");
                let put = self.staging.put_object(&key, ndjson(&rejects)).await;
                put.map_err(|error| source(SourceError::Call(error)))?;
            }
            self.metrics.count(&[
                Metric::count("Objects", 1),
                Metric::count("Rejected", rejects.len()),
            ]);
        }
        self.put(group, part, table).await
    }

    /// Writes a file, unless it has no rows.
    async fn put(&self, group: &Group, part: usize, table: Table) -> Result<(), StageError> {
        let rows = table.rows;
        if rows == 0 {
            return Ok(());
        }
        let (file, arrivals) = table.finish();
        let (key, bytes) = (group.key(self.version, part, &file), file.len());
        let put = self
            .staging
            .put_if_absent(&key, file)
            .await
            .map_err(StageError::Target)?;
        tracing::info!(key, rows, bytes, ?put, "file staged");
        let mut metrics = vec![
            Metric::count("Files", 1),
            Metric::count("Rows", rows),
            Metric::bytes("CsvBytes", bytes),
        ];
        if put == Put::Created {
            metrics.extend(arrivals.ages(self.clock.now()));
        }
        self.metrics.count(&metrics);
        Ok(())
    }
}
