//! Counts open rejects for `stack status`.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use time::OffsetDateTime;

use super::objects::{Listed, not_closed, read};
use super::{Stage, locations};
use crate::outputs::Buckets;

/// Maximum number of objects per prefix that are read to count their open lines.
const MAX_READ: usize = 200;
/// Maximum number of objects that are read concurrently.
const PREFETCH: usize = 8;

/// Number of rejects that are not acknowledged.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct OpenCount {
    /// Number of open lines.
    pub records: u64,
    /// Number of objects with open lines.
    pub objects: u64,
    /// Whether `records` is only a lower bound: objects after the first 200 open ones count as one line each.
    pub is_at_least: bool,
    /// When the oldest open object was written.
    pub since: Option<OffsetDateTime>,
}

impl OpenCount {
    /// Adds two counts.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            objects: self.objects + other.objects,
            is_at_least: self.is_at_least || other.is_at_least,
            since: match (self.since, other.since) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
        }
    }
}

/// Counts the open rejects below `prefix`. Closed objects are only listed; at most 200 others are read.
///
/// # Errors
///
/// When the bucket cannot be read.
pub async fn open_count(s3: &Client, bucket: &str, prefix: &str) -> Result<OpenCount, CallFailure> {
    let mut listed = not_closed(s3, bucket, prefix).await?;
    let beyond = listed.split_off(MAX_READ.min(listed.len()));
    // The stage is irrelevant, because only lines are counted.
    let counted = listed.into_iter().map(async |listed| {
        let modified = listed.modified;
        let object = read(s3, bucket, Stage::Store, listed).await?;
        Ok::<_, CallFailure>(of(object.open.len() as u64, modified))
    });
    let counted = stream::iter(counted).buffer_unordered(PREFETCH);
    let read: OpenCount = counted
        .try_fold(
            OpenCount::default(),
            |sum, one| async move { Ok(sum.and(one)) },
        )
        .await?;
    Ok(beyond.iter().map(at_least_one).fold(read, OpenCount::and))
}

/// Counts the open rejects of every stage, without dead letters, which stay in their queues.
///
/// # Errors
///
/// When a bucket cannot be read.
pub async fn open_counts(
    s3: &Client,
    buckets: &Buckets,
) -> Result<BTreeMap<Stage, OpenCount>, CallFailure> {
    let mut counts: BTreeMap<_, _> = Stage::ALL
        .into_iter()
        .map(|stage| (stage, OpenCount::default()))
        .collect();
    for location in locations(buckets) {
        let found = open_count(s3, &location.bucket, location.prefix).await?;
        let count = counts.entry(location.stage).or_default();
        *count = count.and(found);
    }
    Ok(counts)
}

fn of(records: u64, modified: Option<OffsetDateTime>) -> OpenCount {
    if records == 0 {
        return OpenCount::default();
    }
    OpenCount {
        records,
        objects: 1,
        is_at_least: false,
        since: modified,
    }
}

fn at_least_one(listed: &Listed) -> OpenCount {
    OpenCount {
        is_at_least: true,
        ..of(1, listed.modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_the_oldest_time_stays() {
        let early = OffsetDateTime::UNIX_EPOCH;
        let late = early + time::Duration::DAY;
        let sum = of(3, Some(late))
            .and(of(0, Some(early)))
            .and(of(2, Some(late)));
        assert_eq!((sum.records, sum.objects, sum.since), (5, 2, Some(late)));
        assert!(!sum.is_at_least);
        let listed = Listed {
            key: String::new(),
            etag: String::new(),
            modified: Some(early),
        };
        let more = sum.and(at_least_one(&listed));
        assert_eq!(
            (more.records, more.since, more.is_at_least),
            (6, Some(early), true)
        );
    }
}
