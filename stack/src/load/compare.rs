//! Lake, staging and warehouse side by side.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use templates::sql::query::Days;
use warehouse::Rows;

use super::census::{Census, Day, days};
use super::{LoadError, objects};
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
    /// Whether every day agrees and everything can be read.
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
    each(
        &s3,
        &buckets.staging,
        events::row::STAGED_ROOT,
        |text| match text {
            Some(text) => staging.add_staged(&text),
            None => staging.unreadable += 1,
        },
    )
    .await?;
    let (mut lake, mut unfit) = (Census::default(), Census::default());
    each(&s3, &buckets.raw, "raw/", |text| match text {
        Some(text) => lake.add_lake(&mut unfit, &text),
        None => lake.unreadable += 1,
    })
    .await?;
    let unreadable = lake.unreadable + staging.unreadable;
    let days = days(&lake, unfit, &staging, &warehouse);
    Ok(Comparison {
        agrees: unreadable == 0 && days.iter().all(|day| day.agrees),
        days,
        unreadable,
    })
}

/// The text of each zipped object below `prefix`; `None` for one that is not whole.
async fn each(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    mut add: impl FnMut(Option<String>),
) -> Result<(), LoadError> {
    let keys = objects::keys(s3, bucket, prefix).await?;
    let fetched = stream::iter(keys).map(|key| async move {
        let bytes = object::get(s3, bucket, &key).await?;
        Ok::<_, LoadError>(objects::unzip(&bytes))
    });
    let mut fetched = fetched.buffer_unordered(AHEAD);
    while let Some(text) = fetched.try_next().await? {
        add(text);
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
