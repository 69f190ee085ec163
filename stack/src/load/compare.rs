//! Compares the events in lake, staging and warehouse.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use events::row::STAGED_ROOT;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use templates::sql::query::Days;
use warehouse::Rows;

use super::inventory::{Day, Inventory, days};
use super::{LoadError, objects, unstaged};
use crate::object;
use crate::session::Session;

/// Maximum number of objects that are prefetched.
const PREFETCH: usize = 8;

/// Result of a comparison.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Comparison {
    /// Every day with events.
    pub days: Vec<Day>,
    /// Number of objects and lines in lake and staging that cannot be read.
    pub unreadable: u64,
    /// Objects of the raw lake with events that are in no staged file: `transform` never processed them.
    pub unstaged: Vec<String>,
    /// Whether every day agrees, and every object is staged and readable.
    pub agrees: bool,
}

/// Counts the events of each day in lake, staging and warehouse. Reads every object, so it takes as long as a
/// download of both buckets. Events that are in flight meanwhile appear as a difference.
///
/// # Errors
///
/// When a bucket or the warehouse cannot be read.
pub async fn compare(session: &Session) -> Result<Comparison, LoadError> {
    let (s3, buckets) = (session.s3(), &session.outputs.buckets);
    // The warehouse is read first, because every event in it is already staged and in the lake.
    let rows = session.warehouse().ask(&Days {}).await?;
    let warehouse = counts(&rows).ok_or(LoadError::Shape)?;
    let mut staging = Inventory::default();
    each(&s3, &buckets.staging, STAGED_ROOT, |_, text| match text {
        Some(text) => staging.add_staged(&text),
        None => staging.unreadable += 1,
    })
    .await?;
    let (mut lake, mut unfit) = (Inventory::default(), Inventory::default());
    let mut unstaged = Vec::new();
    each(&s3, &buckets.raw, "raw/", |key, text| match text {
        Some(text) => {
            if lake.add_lake(&mut unfit, &staging, &text) {
                unstaged.push(key);
            }
        }
        None => lake.unreadable += 1,
    })
    .await?;
    let unreadable = lake.unreadable + staging.unreadable;
    unstaged.sort();
    unstaged::remember(&s3, &buckets.staging, &unstaged).await?;
    let days = days(&lake, unfit, &staging, &warehouse);
    Ok(Comparison {
        agrees: unreadable == 0 && unstaged.is_empty() && days.iter().all(|day| day.agrees),
        days,
        unreadable,
        unstaged,
    })
}

/// Calls back with key and text of each gzip object below `prefix`. The text is `None` if the object is damaged.
async fn each(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    mut add: impl FnMut(String, Option<String>),
) -> Result<(), LoadError> {
    let keys = objects::keys(s3, bucket, prefix).await?;
    let fetched = stream::iter(keys).map(|key| async move {
        let bytes = object::get(s3, bucket, &key).await?;
        let text = objects::unzip(&bytes);
        Ok::<_, LoadError>((key, text))
    });
    let mut fetched = fetched.buffer_unordered(PREFETCH);
    while let Some((key, text)) = fetched.try_next().await? {
        add(key, text);
    }
    Ok(())
}

fn counts(rows: &Rows) -> Option<BTreeMap<String, u64>> {
    let day = |position| {
        let day = rows.cell(position, "day")?.to_string();
        let count = rows.long(position, "order_lines")?;
        Some((day, u64::try_from(count).ok()?))
    };
    (0..rows.rows.len()).map(day).collect()
}
