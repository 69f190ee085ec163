//! Decides whether so many calls at once make sense.

use super::super::concurrency::{Concurrency, QUEUE_CALLS, Reserved};
use super::super::file::{ConcurrencyKeys, StreamKeys};
use super::{Checked, Reader};

/// An account keeps 100 of its 1,000 for functions without a number of their own.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
const MOST: u16 = 900;
/// An on-demand stream begins with so many shards.
///
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html>
const FIRST_SHARDS: u16 = 4;

impl Reader<'_> {
    /// A function that is called for a stream or queues has at least as many calls as these make.
    pub(super) fn concurrency(
        &self,
        written: &ConcurrencyKeys,
        stream: &StreamKeys,
    ) -> Checked<Concurrency> {
        let ConcurrencyKeys::Reserved(written) = written else {
            return Ok(Concurrency::Unreserved);
        };
        let shards = match stream {
            StreamKeys::OnDemand => FIRST_SHARDS,
            StreamKeys::Provisioned { shards } => shards.value,
        };
        let kept = |key, number, least| self.within(key, number, &(least..=MOST));
        Ok(Concurrency::Reserved(Reserved {
            ingest: kept("concurrency.reserved.ingest", &written.ingest, 1)?,
            store: kept("concurrency.reserved.store", &written.store, shards)?,
            transform: kept(
                "concurrency.reserved.transform",
                &written.transform,
                QUEUE_CALLS,
            )?,
            load: kept("concurrency.reserved.load", &written.load, QUEUE_CALLS + 1)?,
            query: kept("concurrency.reserved.query", &written.query, 1)?,
        }))
    }
}
