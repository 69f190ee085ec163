//! Locations of the rejects of each stage.

use functions::load::REJECTS;

use super::Stage;
use crate::outputs::Buckets;

/// Key prefix of acknowledged lines.
const ACKNOWLEDGED: &str = "acknowledged/";
/// Key prefix of the markers of closed objects.
const CLOSED: &str = "acknowledged/closed/";
/// Prefixes whose objects are failed invocations of `store` instead of lines.
const INVOCATIONS: [&str; 2] = ["failed/", "aws/lambda/"];

/// Prefix of a bucket where one stage keeps rejects.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RejectLocation {
    pub stage: Stage,
    pub bucket: String,
    pub prefix: &'static str,
}

/// Returns all locations of an environment. An empty location costs one listing.
#[must_use]
pub fn locations(buckets: &Buckets) -> Vec<RejectLocation> {
    let location = |stage, bucket: &str, prefix| RejectLocation {
        stage,
        bucket: bucket.to_owned(),
        prefix,
    };
    let (raw, staging, logs) = (&buckets.raw, &buckets.staging, &buckets.logs);
    vec![
        location(Stage::Ingest, raw, "rejects/ingest/"),
        location(Stage::Store, raw, "rejects/store/"),
        // Used by versions before the current format of rejects.
        location(Stage::Store, raw, "rejects/stream/"),
        location(Stage::Store, raw, "failed/store/"),
        location(Stage::Store, raw, "aws/lambda/"),
        location(Stage::Store, logs, "aws/lambda/"),
        location(Stage::Transform, staging, "rejects/transform/"),
        location(Stage::Load, staging, REJECTS),
    ]
}

/// Returns whether the object at `key` is a failed invocation instead of lines.
pub(super) fn is_invocation(key: &str) -> bool {
    INVOCATIONS.iter().any(|prefix| key.starts_with(prefix))
}

/// Returns the key of the acknowledged lines of the object at `key`.
pub(super) fn acknowledged(key: &str) -> String {
    format!("{ACKNOWLEDGED}{key}")
}

/// Returns the key of the marker that closes the object at `key` with this `ETag`.
pub(super) fn closed(key: &str, etag: &str) -> String {
    format!("{CLOSED}{key}/{}", etag.trim_matches('"'))
}

/// Returns the prefix of the markers of the objects below `prefix`.
pub(super) fn closed_prefix(prefix: &str) -> String {
    format!("{CLOSED}{prefix}")
}
