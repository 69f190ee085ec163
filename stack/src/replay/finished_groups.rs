//! Markers of finished groups, from which an interrupted replay continues.
//!
//! They are in the staging bucket, next to the files of these groups, and are removed when the replay is complete.
//! The next replay checks everything again.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::plan::Group;
use crate::object;

/// Key prefix of the markers of all replays.
const REPLAYS: &str = "replays/";
/// Maximum number of markers that are removed concurrently.
const PREFETCH: usize = 8;

/// Markers of one function.
#[derive(Clone, Debug)]
pub(super) struct FinishedGroups<'a> {
    s3: &'a Client,
    bucket: &'a str,
    prefix: String,
    known: BTreeSet<String>,
}

impl<'a> FinishedGroups<'a> {
    /// Reads the markers of `function`. `code` is the hash of its code: groups of another build are repeated.
    pub(super) async fn read(
        s3: &'a Client,
        bucket: &'a str,
        [function, code]: [&str; 2],
    ) -> Result<Self, CallFailure> {
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let prefix = format!("{REPLAYS}{function}/{code}/");
        let found = object::list(s3, bucket, &prefix, usize::MAX).await?;
        Ok(Self {
            s3,
            bucket,
            known: found.into_iter().filter_map(|it| it.key).collect(),
            prefix,
        })
    }

    pub(super) fn has(&self, group: &Group) -> bool {
        self.known.contains(&self.key(group))
    }

    /// Marks the group as finished. Idempotent.
    pub(super) async fn mark(&self, group: &Group) -> Result<(), CallFailure> {
        object::put(self.s3, self.bucket, &self.key(group), Vec::new()).await
    }

    fn key(&self, group: &Group) -> String {
        format!("{}{}", self.prefix, group.id())
    }
}

/// Removes the markers of all replays. Idempotent.
pub(super) async fn clear(s3: &Client, bucket: &str) -> Result<(), CallFailure> {
    let found = object::list(s3, bucket, REPLAYS, usize::MAX).await?;
    let keys = found.into_iter().filter_map(|it| it.key);
    let removed = keys.map(|key| async move { object::remove(s3, bucket, &key).await });
    stream::iter(removed)
        .buffer_unordered(PREFETCH)
        .try_collect()
        .await
}
