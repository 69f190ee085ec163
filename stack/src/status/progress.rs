//! What `stream --wait` watches: a lighter look than the whole status, since it looks every second.

use time::OffsetDateTime;

use super::{lake, queue, queues, stream, warehouse};
use crate::session::Session;
use crate::stream::wait::{Flow, Progress, ProgressError, Stages};

impl Progress for Session {
    async fn loaded(&self, prefix: &str) -> Result<u64, ProgressError> {
        Ok(self.warehouse().loaded(prefix).await?)
    }

    async fn rejected(&self, prefix: &str) -> Result<u64, ProgressError> {
        let (s3, buckets) = (self.s3(), &self.outputs.buckets);
        let of_run = |line: &[u8]| holds(line, prefix.as_bytes());
        Ok(lake::rejects(&s3, &buckets.raw, "rejects/", of_run).await?
            + lake::rejects(&s3, &buckets.staging, "rejects/", of_run).await?)
    }

    async fn stages(&self) -> Result<Stages, ProgressError> {
        let (s3, buckets) = (self.s3(), &self.outputs.buckets);
        let queues = queues(self).await?;
        let depth = |name: &str| queue::depth(self.sdk(), queues.get(name).map(String::as_str));
        let (objects, files, waiting, transform, load) = tokio::try_join!(
            lake::recent(&s3, &buckets.raw, "raw/v1/"),
            lake::recent(&s3, &buckets.staging, "csv/v1/"),
            stream::backlog(self.sdk(), &s3, &self.outputs, 1),
            depth("TransformQueueUrl"),
            depth("LoadQueueUrl"),
        )?;
        let finished = warehouse::ask(&self.warehouse()).await.last_finished();
        let seconds = finished.map_or(0, OffsetDateTime::unix_timestamp);
        Ok(Stages {
            stream: Flow::default(),
            store: Flow {
                done: objects.count,
                waiting: waiting.records,
            },
            transform: Flow {
                done: files.count,
                waiting: transform,
            },
            // A load that ends later has done more: all that is asked is whether it moves.
            load: Flow {
                done: u64::try_from(seconds).unwrap_or_default(),
                waiting: load,
            },
        })
    }
}

/// Whether `text` holds `part`.
fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
