//! Lists and reads the reject objects of a bucket, with their acknowledged lines.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::Object;
use cloudformation::CallFailure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::location::{acknowledged, closed, closed_prefix, is_invocation};
use super::record::{Source, lines};
use super::{Reject, RejectLocation, Stage, locations};
use crate::object;
use crate::outputs::Buckets;

/// Maximum number of objects that are read concurrently.
const PREFETCH: usize = 8;

/// A listed object without a closed marker.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) etag: String,
    pub(super) modified: Option<OffsetDateTime>,
}

/// A reject object with its open lines.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RejectObject {
    pub bucket: String,
    pub key: String,
    /// `ETag` of the content that was read.
    pub etag: String,
    /// Lines that are not acknowledged.
    pub open: Vec<Reject>,
    /// Ids of all lines, acknowledged or not.
    pub ids: BTreeSet<String>,
}

/// Returns the reject objects of `location` with open lines, in the order of their keys.
///
/// # Errors
///
/// When the bucket cannot be read.
pub async fn open_objects(
    s3: &Client,
    location: &RejectLocation,
) -> Result<Vec<RejectObject>, CallFailure> {
    let listed = not_closed(s3, &location.bucket, location.prefix).await?;
    let read = listed
        .into_iter()
        .map(|listed| read(s3, &location.bucket, location.stage, listed));
    let objects: Vec<_> = stream::iter(read).buffered(PREFETCH).try_collect().await?;
    let is_open = |object: &RejectObject| !object.open.is_empty();
    Ok(objects.into_iter().filter(is_open).collect())
}

/// Returns about `most` open rejects: those of the newest objects of all stages, without dead letters. The newest
/// object is first; an object is never divided.
///
/// # Errors
///
/// When a bucket cannot be read.
pub async fn newest_open(
    s3: &Client,
    buckets: &Buckets,
    most: usize,
) -> Result<Vec<Reject>, CallFailure> {
    let locations = locations(buckets);
    let mut listed = Vec::new();
    for location in &locations {
        let found = not_closed(s3, &location.bucket, location.prefix).await?;
        listed.extend(found.into_iter().map(|found| (location, found)));
    }
    listed.sort_by_key(|(_, listed)| std::cmp::Reverse(listed.modified));
    let mut rejects = Vec::new();
    for (location, listed) in listed {
        if rejects.len() >= most {
            break;
        }
        let object = read(s3, &location.bucket, location.stage, listed).await?;
        rejects.extend(object.open);
    }
    Ok(rejects)
}

/// Lists the objects below `prefix` without a closed marker.
pub(super) async fn not_closed(
    s3: &Client,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<Listed>, CallFailure> {
    let markers = closed_prefix(prefix);
    let (objects, markers) = tokio::try_join!(
        object::list(s3, bucket, prefix, usize::MAX),
        object::list(s3, bucket, &markers, usize::MAX),
    )?;
    let markers: BTreeSet<_> = markers.into_iter().filter_map(|it| it.key).collect();
    let listed = objects.into_iter().filter_map(listed);
    Ok(listed
        .filter(|it| !markers.contains(&closed(&it.key, &it.etag)))
        .collect())
}

fn listed(object: Object) -> Option<Listed> {
    let modified = object
        .last_modified()
        .and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok());
    Some(Listed {
        etag: object.e_tag.unwrap_or_default(),
        key: object.key?,
        modified,
    })
}

/// Reads an object and its acknowledged lines.
pub(super) async fn read(
    s3: &Client,
    bucket: &str,
    stage: Stage,
    listed: Listed,
) -> Result<RejectObject, CallFailure> {
    let beside = acknowledged(&listed.key);
    let (bytes, handled) = tokio::try_join!(
        object::find(s3, bucket, &listed.key),
        object::find(s3, bucket, &beside),
    )?;
    // An object that was deleted after the listing has no lines.
    let (bytes, etag) = bytes.unwrap_or_default();
    let handled = handled.map(|(bytes, _)| ids(&bytes)).unwrap_or_default();
    let modified = listed.modified.and_then(|at| at.format(&Rfc3339).ok());
    let source = Source {
        stage,
        key: &listed.key,
        modified: modified.as_deref().unwrap_or_default(),
    };
    let all = rejects(&bytes, source);
    Ok(RejectObject {
        ids: all.iter().map(|reject| reject.id.clone()).collect(),
        open: all
            .into_iter()
            .filter(|reject| !handled.contains(&reject.id))
            .collect(),
        bucket: bucket.to_owned(),
        key: listed.key,
        etag,
    })
}

/// Parses the rejects of an object. Duplicate lines count as one reject.
fn rejects(bytes: &[u8], source: Source<'_>) -> Vec<Reject> {
    if bytes.is_empty() {
        return Vec::new();
    }
    if is_invocation(source.key) {
        return vec![invocation(bytes, source)];
    }
    let mut seen = BTreeSet::new();
    let rejects = lines(bytes).map(|(number, line)| Reject::read(line, number, source));
    rejects
        .filter(|reject| seen.insert(reject.id.clone()))
        .collect()
}

/// Part of the object that Lambda writes for a discarded batch.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Invocation {
    timestamp: Option<String>,
    #[serde(rename = "requestContext")]
    request: Request,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request {
    condition: String,
}

/// Converts an object that Lambda wrote to one reject of `store`, whose record is the object's content.
fn invocation(bytes: &[u8], source: Source<'_>) -> Reject {
    let read: Invocation = serde_json::from_slice(bytes).unwrap_or_default();
    let at = read.timestamp.unwrap_or_else(|| source.modified.to_owned());
    let detail = format!("Lambda discarded the batch: {}", read.request.condition);
    Reject::whole(
        source.stage,
        at,
        ["invocation_failed", "batch", &detail],
        source.key.to_owned(),
        String::from_utf8_lossy(bytes).into_owned(),
    )
}

/// Returns the ids of acknowledged lines.
pub(super) fn ids(bytes: &[u8]) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Line {
        id: String,
    }
    let read = |(_, line)| serde_json::from_slice::<Line>(line).ok();
    lines(bytes).filter_map(read).map(|line| line.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(key: &str) -> Source<'_> {
        Source {
            stage: Stage::Store,
            key,
            modified: "2026-01-02T03:04:05Z",
        }
    }

    #[test]
    fn a_line_that_was_written_twice_is_one_reject() {
        let line = r#"{"id":"a","reason":"r","record":"x"}"#;
        let text = format!("{line}\n{line}\n{}\n", line.replace("\"a\"", "\"b\""));
        let found = rejects(text.as_bytes(), source("rejects/store/x.ndjson"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_object_that_lambda_wrote_is_one_reject_with_its_content_as_the_record() {
        let text = "{\"timestamp\":\"2026-01-02T00:00:00Z\",\n\"requestContext\":{\"condition\":\"RetryAttemptsExhausted\"}}";
        let found = rejects(text.as_bytes(), source("failed/store/x"));
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].detail,
            "Lambda discarded the batch: RetryAttemptsExhausted"
        );
        assert_eq!(
            (found[0].at.as_str(), found[0].record.as_str()),
            ("2026-01-02T00:00:00Z", text)
        );
    }

    #[test]
    fn acknowledged_lines_are_known_by_their_ids_alone() {
        let found = ids(b"{\"id\":\"a\",\"how\":\"redriven\"}\nnonsense\n{}\n{\"id\":\"b\"}");
        assert_eq!(found, ["a".to_owned(), "b".to_owned()].into());
    }
}
