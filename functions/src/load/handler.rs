//! The shell of `load`.

use std::collections::BTreeSet;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::LambdaEvent;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use warehouse::load::StagedFile;

use super::error::LoadError;
use super::loader::{Loader, Report};
use super::notification;
use super::ports::{RememberLoads, RunLoads, SetFilesAside};
use crate::logs;
use crate::metrics::Metric;
use crate::ports::{Clock, Count, GetObject, PutIfAbsent, PutObject};

/// The part of the function's time for which a load is waited for is one less than this of so many: 800 of
/// 900 s. The rest is for the answer.
const PARTS: i32 = 9;

/// What the function is called with.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// `{"reconcile": true}`, from the schedule: finish what loaders began.
    Reconcile {
        /// Says that it is one.
        reconcile: bool,
    },
    /// `{"files": [keys]}`, from a person: load these now.
    Files {
        /// Keys in the staging bucket.
        files: Vec<String>,
    },
    /// Messages of the queue.
    Queue(SqsEvent),
}

/// What the function answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To the queue: the messages that have to come again.
    Queue(SqsBatchResponse),
    /// To the schedule, and to a person.
    Done {
        /// Files that were looked at and are not loaded, nor set aside.
        unfinished: usize,
    },
}

impl Answer {
    fn of(Report { running, failed }: &Report) -> Self {
        Self::Done {
            unfinished: running.len() + failed.len(),
        }
    }
}

/// Loads what the queue brings, and finishes what was left.
#[derive(Debug)]
pub struct Load<W, R, B, C, M>(pub Loader<W, R, B, C, M>);

impl<W, R, B, C, M> Load<W, R, B, C, M>
where
    W: RunLoads,
    R: RememberLoads + SetFilesAside,
    B: PutObject + PutIfAbsent + GetObject,
    C: Clock,
    M: Count,
{
    /// Loads the files that the messages of one batch name, and answers the messages that have to come
    /// again: those with a file that was not loaded, and those that name no staged file, which the queue
    /// sets aside after its last attempt. A load that still runs is acknowledged.
    ///
    /// The same batch again loads nothing new.
    ///
    /// # Errors
    ///
    /// When a reconciliation cannot begin, or a person names what is no staged file; every failure of a
    /// batch is part of the answer.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<Answer, LoadError> {
        let now = self.0.clock.now();
        let deadline = OffsetDateTime::from(event.context.deadline());
        let until = now + (deadline - now) / PARTS * (PARTS - 1);
        match event.payload {
            Event::Queue(batch) => Ok(Answer::Queue(self.batch(&batch, until).await)),
            Event::Reconcile { .. } => Ok(Answer::of(&self.0.reconcile(until).await?)),
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
            .map(|message| (message, files(message)))
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

/// The files that `message` names; `None` when it names none that can be loaded.
fn files(message: &SqsMessage) -> Option<Vec<StagedFile>> {
    let read = notification::read(message.body.as_deref().unwrap_or_default());
    read.inspect_err(|error| {
        let id = message.message_id.as_deref();
        tracing::error!(
            cause = logs::chain(error),
            id,
            "message names no staged file"
        );
    })
    .ok()
}
