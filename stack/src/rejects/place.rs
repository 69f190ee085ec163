//! Where stages keep what they refuse.

use functions::load::REJECTS;

use super::Stage;
use crate::outputs::Buckets;

/// What stands before the keys of acknowledged lines.
const ACKNOWLEDGED: &str = "acknowledged/";
/// What stands before the markers of objects whose lines are all acknowledged.
const CLOSED: &str = "acknowledged/closed/";
/// Prefixes below which an object is a failed invocation of `store`, not lines.
const INVOCATIONS: [&str; 2] = ["failed/", "aws/lambda/"];

/// A prefix of a bucket in which one stage keeps rejects.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The stage.
    pub stage: Stage,
    /// The bucket.
    pub bucket: String,
    /// The prefix.
    pub prefix: &'static str,
}

/// All places of an environment. Those that hold nothing cost a listing.
#[must_use]
pub fn places(buckets: &Buckets) -> Vec<Place> {
    let place = |stage, bucket: &str, prefix| Place {
        stage,
        bucket: bucket.to_owned(),
        prefix,
    };
    let (raw, staging, logs) = (&buckets.raw, &buckets.staging, &buckets.logs);
    vec![
        place(Stage::Ingest, raw, "rejects/ingest/"),
        place(Stage::Store, raw, "rejects/store/"),
        // Versions before the contract of rejects wrote here.
        place(Stage::Store, raw, "rejects/stream/"),
        place(Stage::Store, raw, "failed/store/"),
        place(Stage::Store, raw, "aws/lambda/"),
        place(Stage::Store, logs, "aws/lambda/"),
        place(Stage::Transform, staging, "rejects/transform/"),
        place(Stage::Load, staging, REJECTS),
    ]
}

/// Whether the object at `key` is one failed invocation, not lines.
pub(super) fn is_invocation(key: &str) -> bool {
    INVOCATIONS.iter().any(|prefix| key.starts_with(prefix))
}

/// Key of the object with the acknowledged lines of the one at `key`.
pub(super) fn acknowledged(key: &str) -> String {
    format!("{ACKNOWLEDGED}{key}")
}

/// Key of the marker that all lines of the object at `key` with this `ETag` are acknowledged.
pub(super) fn closed(key: &str, etag: &str) -> String {
    format!("{CLOSED}{key}/{}", etag.trim_matches('"'))
}

/// Prefix of the markers of the objects below `prefix`.
pub(super) fn closed_prefix(prefix: &str) -> String {
    format!("{CLOSED}{prefix}")
}
