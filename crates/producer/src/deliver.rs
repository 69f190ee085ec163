//! Delivers one batch to the API, with retries.

use std::error::Error;
use std::time::{Duration, Instant};

use super::batch::{Batch, Batcher, Limits, MAX_BYTES, MAX_EVENTS};
use super::report::{RejectedRow, Tally};
use super::retry_delays::RetryDelays;
use super::source::SourceError;
use super::verdict::{Retry, StopError, Verdict, decide};
use crate::api::{Api, ApiError};

const CONTENT_TYPE: &str = "application/json";

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// A response of the API ends the run.
    #[error(transparent)]
    Stopped(#[from] StopError),
    /// There was no response, and a retry would not help.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The retries are used up.
    #[error(
        "a batch was not accepted in {attempts} attempts; `stack status` shows which stage has a problem"
    )]
    GaveUp {
        /// Number of attempts for one batch.
        attempts: u32,
        /// Why the last attempt failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Result of a batch.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    accepted: u64,
    rejected: Vec<RejectedRow>,
    unknown_fields: Vec<String>,
    retried: u64,
    requests: Vec<Duration>,
    /// Progress through the source after the last row of the batch.
    pub(super) position: u64,
    error: Option<SendError>,
}

impl Delivery {
    /// Returns the number of accepted events.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Returns whether every event was accepted or rejected.
    pub(super) fn is_settled(&self) -> bool {
        self.error.is_none()
    }

    /// Adds the result to the counts. Returns the error of a failed delivery.
    pub(super) fn count(self, tally: &mut Tally) -> Option<SendError> {
        tally.accepted += self.accepted;
        tally.retried += self.retried;
        tally.requests.extend(self.requests);
        tally.unknown_fields.extend(self.unknown_fields);
        self.rejected
            .into_iter()
            .for_each(|row| tally.rejected.add(row));
        self.error
    }
}

/// Sends `events`, each a JSON object with an `EventId`, and returns the indexes of rejected events with the API's
/// reasons. Idempotent: an event that is sent again stays one event.
///
/// # Errors
///
/// When the API fails. Some events may already be accepted then.
pub async fn resend(api: &Api, events: &[String]) -> Result<Vec<(usize, String)>, SendError> {
    let mut gatherer = Batcher::new(Limits {
        events: MAX_EVENTS,
        bytes: MAX_BYTES,
    });
    let mut batches = Vec::new();
    for (index, event) in (0..).zip(events) {
        let write = |body: &mut Vec<u8>| body.extend_from_slice(event.as_bytes());
        batches.extend(gatherer.push("", index, index, write));
    }
    batches.extend(gatherer.finish());
    let mut refused = Vec::new();
    for batch in batches {
        let delivery = deliver(api, batch).await;
        for row in delivery.rejected {
            let index = row.line.and_then(|line| usize::try_from(line).ok());
            let why = format!("{} {}: {}", row.field, row.reason, row.detail);
            refused.extend(index.map(|index| (index, why)));
        }
        if let Some(error) = delivery.error {
            return Err(error);
        }
    }
    Ok(refused)
}

/// Sends a batch until each event is accepted or rejected. Retries only the other events.
pub(super) async fn deliver(api: &Api, mut batch: Batch) -> Delivery {
    let mut delivery = Delivery {
        position: batch.position,
        ..Delivery::default()
    };
    let mut delays = RetryDelays::new();
    for attempts in 1.. {
        let again = match attempt(api, &batch, &mut delivery).await {
            Ok(None) => break,
            Ok(Some(again)) => again,
            Err(error) => {
                delivery.error = Some(error);
                break;
            }
        };
        let Some(delay) = delays.next(again.after) else {
            delivery.error = Some(SendError::GaveUp {
                attempts,
                source: again.why,
            });
            break;
        };
        tokio::time::sleep(delay).await;
        batch = batch.only(&again.indexes);
        delivery.retried += batch.len() as u64;
    }
    delivery
}

async fn attempt(
    api: &Api,
    batch: &Batch,
    delivery: &mut Delivery,
) -> Result<Option<Retry>, SendError> {
    let started = Instant::now();
    let answer = match api.post_events(batch.body(), CONTENT_TYPE).await {
        Ok(answer) => answer,
        Err(error) if error.is_transient() => return Ok(Some(Retry::all(batch.len(), error))),
        Err(error) => return Err(error.into()),
    };
    delivery.requests.push(started.elapsed());
    let verdict = decide(&answer, batch.len());
    let (settled, again) = match verdict {
        Verdict::Done(settled) => (settled, None),
        Verdict::Retry { settled, again } => (settled, Some(again)),
        Verdict::Stop(error) => return Err(error.into()),
    };
    delivery.accepted += settled.accepted;
    delivery.unknown_fields.extend(settled.unknown_fields);
    let rows = settled.rejected.into_iter();
    delivery
        .rejected
        .extend(rows.map(|row| RejectedRow::new(batch.line(row.index), row)));
    Ok(again)
}
