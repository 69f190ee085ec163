//! Writes items to the tables: 25 per call, several calls in flight.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use time::OffsetDateTime;

use crate::items::Item;
use crate::ports::{CallError, Clock, WriteItems};
use crate::retries::Retries;

/// The most items of one call.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
const MAX_ITEMS: usize = 25;

/// Calls in flight: enough to hide the network latency, few enough not to be throttled hard.
const CALLS: usize = 4;

/// Writes `items`, each with the position of its record, in the order of the positions.
///
/// Idempotent.
///
/// # Errors
///
/// Returns the smallest position whose items may be missing, with the cause. Items of later positions may be
/// written or not.
pub(super) async fn write(
    items: Vec<(usize, Item)>,
    tables: &impl WriteItems,
    clock: &impl Clock,
    deadline: OffsetDateTime,
) -> Result<(), (usize, CallError)> {
    let calls = stream::iter(chunks(items)).map(|(position, items)| async move {
        let done = put(items, tables, clock, deadline).await;
        done.map_err(|error| (position, error))
    });
    // `buffered` keeps the order: the first error is that of the smallest position.
    let mut calls = calls.buffered(CALLS);
    while let Some(done) = calls.next().await {
        done?;
    }
    Ok(())
}

/// Groups items into calls of at most 25 with distinct keys, each with the position of its first record.
///
/// An envelope that is twice in a batch gives equal items; only the first is kept.
fn chunks(items: Vec<(usize, Item)>) -> Vec<(usize, Vec<Item>)> {
    let mut keys = BTreeSet::new();
    let mut chunks: Vec<(usize, Vec<Item>)> = Vec::new();
    for (position, item) in items {
        if !keys.insert(item.key()) {
            continue;
        }
        match chunks.last_mut() {
            Some((_, chunk)) if chunk.len() < MAX_ITEMS => chunk.push(item),
            _ => chunks.push((position, vec![item])),
        }
    }
    chunks
}

async fn put(
    mut items: Vec<Item>,
    tables: &impl WriteItems,
    clock: &impl Clock,
    deadline: OffsetDateTime,
) -> Result<(), CallError> {
    let mut retries = Retries::default();
    loop {
        items = tables.write_items(items).await?;
        if items.is_empty() {
            return Ok(());
        }
        let left = Duration::try_from(deadline - clock.now()).unwrap_or_default();
        let Some(delay) = retries.delay(left) else {
            return Err(unprocessed(&items));
        };
        clock.pause(delay).await;
    }
}

fn unprocessed(items: &[Item]) -> CallError {
    let customers = items.iter().filter(|item| item.key().of_customer).count();
    CallError {
        service: "dynamodb",
        action: "BatchWriteItem",
        resource: "the tables invoice and customer".to_owned(),
        code: "UnprocessedItems".to_owned(),
        message: format!(
            "{} items of table invoice and {customers} of table customer were not written before the deadline: the tables are throttled",
            items.len() - customers
        ),
    }
}
