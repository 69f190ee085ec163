//! The handler of `load`.

use std::collections::BTreeSet;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use warehouse::load::StagedFile;

use super::error::LoadError;
use super::loader::{Loader, Report};
use super::ports::{CheckData, QuarantineFiles, RunLoads, TrackLoads};
use crate::metrics::Metric;
use crate::notification;
use crate::ports::{Clock, Count, GetObject, PutIfAbsent, PutObject};

/// A load is waited for during all but one of this many equal parts of the function's time: 800 of 900 s. The rest is
/// reserved for the response.
const PARTS: i32 = 9;

/// The input of the function.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// `{"reconcile": true}`, from the schedule: finishes open loads.
    Reconcile { reconcile: bool },
    /// `{"check": true}`, from the schedule: checks the rules for the data.
    Check { check: bool },
    /// `{"files": [keys]}`, from an operator: loads these files now.
    Files {
        /// Keys in the staging bucket.
        files: Vec<String>,
    },
    /// Messages of the queue.
    Queue(SqsEvent),
}

/// The response of the function.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Response to the queue: the messages to retry.
    Queue(SqsBatchResponse),
    /// Response to the schedule or an operator.
    Done {
        /// Number of files that are neither loaded nor in quarantine.
        unfinished: usize,
    },
    /// To the schedule of checks.
    Checked {
        /// Number of broken rules, warnings included.
        broken: usize,
    },
}

impl Answer {
    fn of(Report { running, failed }: &Report) -> Self {
        Self::Done {
            unfinished: running.len() + failed.len(),
        }
    }
}

/// Loads the files of queue messages and reconciles open loads.
#[derive(Debug)]
pub struct Load<W, R, B, C, M>(pub Loader<W, R, B, C, M>);

impl<W, R, B, C, M> Load<W, R, B, C, M>
where
    W: RunLoads + CheckData,
    R: TrackLoads + QuarantineFiles,
    B: PutObject + PutIfAbsent + GetObject,
    C: Clock,
    M: Count,
{
    /// Loads the files that the messages of a batch name, and returns the messages to retry: those with a file that
    /// was not loaded, and those that name no staged file. The queue moves the latter to its dead-letter queue after
    /// the last attempt. A load that still runs is acknowledged.
    ///
    /// Idempotent: the same batch loads nothing new.
    ///
    /// # Errors
    ///
    /// Fails if a reconciliation cannot read or write table `load`, if the rules cannot be checked, or if an operator names a key that is not a staged
    /// file. A failure of a batch is part of the response instead.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<Answer, LoadError> {
        let now = self.0.clock.now();
        let deadline = OffsetDateTime::from(event.context.deadline());
        let until = now + (deadline - now) / PARTS * (PARTS - 1);
        match event.payload {
            Event::Queue(batch) => Ok(Answer::Queue(self.batch(&batch, until).await)),
            Event::Reconcile { .. } => Ok(Answer::of(&self.0.reconcile(until).await?)),
            Event::Check { .. } => Ok(Answer::Checked {
                broken: self.0.check(until).await?,
            }),
            Event::Files { files } => {
                let files: Result<Vec<_>, _> =
                    files.iter().map(|key| StagedFile::at(key)).collect();
                Ok(Answer::of(&self.0.load(files?, until).await))
            }
        }
    }

    async fn batch(&self, batch: &SqsEvent, until: OffsetDateTime) -> SqsBatchResponse {
        let messages: Vec<_> = batch
            .records
            .iter()
            .map(|message| (message, notification::read(message, StagedFile::try_from)))
            .collect();
        let all: BTreeSet<_> = messages
            .iter()
            .filter_map(|(_, files)| files.clone())
            .flatten()
            .collect();
        let report = self.0.load(all, until).await;
        let mut response = SqsBatchResponse::default();
        for (message, files) in &messages {
            let failed = files
                .as_ref()
                .is_none_or(|files| files.iter().any(|file| report.failed.contains(file.key())));
            if failed {
                response.add_failure(message.message_id.clone().unwrap_or_default());
            }
        }
        self.0.metrics.count(&[Metric::count(
            "Failures",
            response.batch_item_failures.len(),
        )]);
        response
    }
}
