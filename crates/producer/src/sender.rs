//! Sends batches to the API concurrently.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::batch::Batch;
use super::deliver::{Delivery, SendError, deliver};
use super::rate::{Pacer, Rate};
use super::reading::{Batches, ReadSummary};
use super::report::{Ending, Tally, per_second};
use super::source::SourceError;
use super::{Checkpoints, Observer};
use crate::api::Api;

/// Limits on the speed of sending.
#[derive(Clone, Copy, Debug)]
pub struct Speed {
    /// Maximum number of requests in flight.
    pub concurrency: NonZeroUsize,
    /// Maximum events per second; `None` is unlimited.
    pub rate: Option<Rate>,
}

/// Result of a run.
#[derive(Debug)]
pub struct Sent {
    pub ending: Ending,
    /// Why the run failed, if it did.
    pub error: Option<SendError>,
    /// What was read from the source.
    pub read: ReadSummary,
    /// Counters of the run.
    pub tally: Tally,
    /// Time from the first request to the last response.
    pub took: Duration,
}

/// Sends all `batches` until `interrupted`, and records the progress in `checkpoints`. Only a few batches are in
/// memory at a time.
///
/// Idempotent: events have ids, so the same batches can be sent again. The first failure that retries do not fix ends
/// the run. Requests in flight are dropped, so more events may be accepted than the result says.
pub async fn send(
    api: &Api,
    batches: Batches,
    speed: Speed,
    observer: &mut impl Observer,
    checkpoints: &mut Checkpoints,
    interrupted: impl Future<Output = ()>,
) -> Sent {
    let (queue, reader) = read_ahead(batches, speed.concurrency.get());
    let started = Instant::now();
    let mut tally = Tally::default();
    let requests = paced(queue, Pacer::new(speed.rate))
        .enumerate()
        .map(|(number, batch)| numbered(api, number as u64, batch));
    let requests = requests.buffer_unordered(speed.concurrency.get());
    let shown = (observer, checkpoints);
    let (mut ending, mut error) = gather(requests, &mut tally, shown, started, interrupted).await;
    let took = started.elapsed();
    // The queue is dropped by now, so the reader ends at its next batch.
    let (read, unread) = reader.await.unwrap_or_default();
    if let Some(unread) = unread {
        ending = Ending::Failed;
        error = error.or(Some(unread.into()));
    }
    Sent {
        ending,
        error,
        read,
        tally,
        took,
    }
}

/// Counts deliveries as they finish, until all have, one failed, or `interrupted`.
async fn gather(
    deliveries: impl Stream<Item = Numbered>,
    tally: &mut Tally,
    (observer, checkpoints): (&mut impl Observer, &mut Checkpoints),
    started: Instant,
    interrupted: impl Future<Output = ()>,
) -> (Ending, Option<SendError>) {
    let (mut deliveries, mut interrupted) = (pin!(deliveries), pin!(interrupted));
    loop {
        let next = tokio::select! {
            biased;
            () = &mut interrupted => return (Ending::Interrupted, None),
            next = deliveries.next() => next,
        };
        let Some(next) = next else {
            return (Ending::Finished, None);
        };
        let Numbered {
            number,
            last_line,
            delivery,
        } = next;
        if delivery.is_settled() {
            let kept = checkpoints.done(number, last_line, delivery.accepted());
            if let Err(error) = kept {
                observer.note(&format!(
                    "the checkpoint cannot be written, so `--resume` may send events again that were accepted; none counts twice: {error}"
                ));
            }
        }
        let position = delivery.position;
        let error = delivery.count(tally);
        observer.progress(position, || describe(tally, started.elapsed()));
        if error.is_some() {
            return (Ending::Failed, error);
        }
    }
}

/// Delivery of a batch, with the batch's number.
struct Numbered {
    number: u64,
    last_line: u64,
    delivery: Delivery,
}

async fn numbered(api: &Api, number: u64, batch: Batch) -> Numbered {
    let last = batch.len().saturating_sub(1);
    Numbered {
        number,
        last_line: batch.line(last).unwrap_or_default(),
        delivery: deliver(api, batch).await,
    }
}

fn describe(tally: &Tally, elapsed: Duration) -> String {
    let count = indicatif::HumanCount;
    let events = tally.accepted + tally.rejected.count;
    let rate = count(per_second(events, elapsed));
    format!(
        "{} events accepted, {} rejected, {rate}/s",
        count(tally.accepted),
        count(tally.rejected.count)
    )
}

/// Reads batches on a blocking thread, because parsing would delay the requests.
fn read_ahead(
    mut batches: Batches,
    ahead: usize,
) -> (
    mpsc::Receiver<Batch>,
    JoinHandle<(ReadSummary, Option<SourceError>)>,
) {
    let (sender, queue) = mpsc::channel(ahead);
    let reader = tokio::task::spawn_blocking(move || {
        loop {
            let batch = match batches.read() {
                Ok(Some(batch)) => batch,
                Ok(None) => return (batches.account(), None),
                Err(error) => return (batches.account(), Some(error)),
            };
            // The receiver was dropped: the run ended early.
            if sender.blocking_send(batch).is_err() {
                return (batches.account(), None);
            }
        }
    });
    (queue, reader)
}

/// Yields the batches of `queue`, at the rate of `pacer`.
fn paced(queue: mpsc::Receiver<Batch>, pacer: Pacer) -> impl Stream<Item = Batch> {
    stream::unfold((queue, pacer), async |(mut queue, mut pacer)| {
        let batch = queue.recv().await?;
        let wait = pacer.wait(Instant::now(), batch.len());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Some((batch, (queue, pacer)))
    })
}

#[cfg(test)]
mod tests;
