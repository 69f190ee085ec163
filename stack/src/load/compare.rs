//! Lake, staging and warehouse side by side.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use events::row::STAGED_ROOT;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use templates::sql::query::Days;
use warehouse::Rows;

use super::census::{Census, Day, days};
use super::{LoadError, objects, unstaged};
use crate::object;
use crate::session::Session;

/// Objects fetched ahead.
const AHEAD: usize = 8;

/// What the three places hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Comparison {
    /// Each day on which events came in.
    pub days: Vec<Day>,
    /// Objects and lines of lake and staging that nobody can read.
    pub unreadable: u64,
    /// Objects of the raw lake with events that no staged file has: `transform` never staged them.
    pub unstaged: Vec<String>,
    /// Whether every day agrees, everything is staged and can be read.
    pub agrees: bool,
}

/// Counts the events of each day in lake, staging and warehouse. Reads every object, so it takes as long as
/// a download of both buckets; what is under way meanwhile shows as a difference.
///
/// # Errors
///
/// When a bucket or the warehouse cannot be read.
pub async fn compare(session: &Session) -> Result<Comparison, LoadError> {
    let (s3, buckets) = (session.s3(), &session.outputs.buckets);
    // The warehouse first: what is loaded by then was staged and in the lake before.
    let rows = session.warehouse().ask(&Days {}).await?;
    let warehouse = counts(&rows).ok_or(LoadError::Shape)?;
    let mut staging = Census::default();
    each(&s3, &buckets.staging, STAGED_ROOT, |_, text| match text {
        Some(text) => staging.add_staged(&text),
        None => staging.unreadable += 1,
    })
    .await?;
    let (mut lake, mut unfit) = (Census::default(), Census::default());
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

/// The key and the text of each zipped object below `prefix`; no text for one that is not whole.
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
    let mut fetched = fetched.buffer_unordered(AHEAD);
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
