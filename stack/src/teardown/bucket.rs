//! Empties a bucket: all versions, delete markers and unfinished uploads.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, MultipartUpload, ObjectIdentifier};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;

use super::TeardownError;
use crate::progress::Step;

/// Empties the bucket and returns the number of removed versions, markers and uploads; 0 for an absent
/// bucket. Objects that are written at the same time may remain.
pub(super) async fn empty(s3: &Client, bucket: &str, step: &Step) -> Result<u64, TeardownError> {
    let mut count = abort_uploads(s3, bucket).await?;
    loop {
        // Always list from the start: the listed versions are deleted.
        let batch = oldest(s3, bucket).await?;
        if batch.is_empty() {
            return Ok(count);
        }
        count += batch.len() as u64;
        delete(s3, bucket, batch).await?;
        step.at(format!("{bucket}: {count} versions deleted"));
    }
}

/// Lists one page of versions and delete markers, at most 1,000, the maximum of one delete call.
async fn oldest(s3: &Client, bucket: &str) -> Result<Vec<ObjectIdentifier>, CallFailure> {
    let listed = s3.list_object_versions().bucket(bucket).send().await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) if error.code() == Some("NoSuchBucket") => return Ok(Vec::new()),
        Err(error) => {
            return Err(CallFailure::of(format!(
                "s3 ListObjectVersions of `{bucket}`"
            ))(error));
        }
    };
    let versions = listed.versions.unwrap_or_default();
    let versions = versions.into_iter().map(|it| (it.key, it.version_id));
    let markers = listed.delete_markers.unwrap_or_default();
    let markers = markers.into_iter().map(|it| (it.key, it.version_id));
    Ok(versions
        .chain(markers)
        .filter_map(|(key, version)| {
            let identifier = ObjectIdentifier::builder().key(key?);
            identifier.set_version_id(version).build().ok()
        })
        .collect())
}

async fn delete(
    s3: &Client,
    bucket: &str,
    batch: Vec<ObjectIdentifier>,
) -> Result<(), TeardownError> {
    let doing = format!("s3 DeleteObjects of `{bucket}`");
    let wanted = Delete::builder()
        .set_objects(Some(batch))
        .quiet(true)
        .build();
    let wanted =
        wanted.map_err(|error| CallFailure::new(doing.clone(), "Invalid", error.to_string()))?;
    let done = s3.delete_objects().bucket(bucket).delete(wanted).send();
    let done = done.await.map_err(CallFailure::of(doing))?;
    let Some(first) = done.errors().first() else {
        return Ok(());
    };
    let text = |found: Option<&str>| found.unwrap_or_default().to_owned();
    Err(TeardownError::ObjectStays {
        bucket: bucket.to_owned(),
        key: text(first.key()),
        code: text(first.code()),
        message: text(first.message()),
    })
}

/// Aborts every unfinished upload. Its parts are stored and billed although no listing shows them.
async fn abort_uploads(s3: &Client, bucket: &str) -> Result<u64, CallFailure> {
    let mut count = 0;
    loop {
        // Always list from the start: the listed uploads are aborted.
        let listed = match s3.list_multipart_uploads().bucket(bucket).send().await {
            Ok(listed) => listed,
            Err(error) if error.code() == Some("NoSuchBucket") => return Ok(count),
            Err(error) => {
                return Err(CallFailure::of(format!(
                    "s3 ListMultipartUploads of `{bucket}`"
                ))(error));
            }
        };
        if listed.uploads().is_empty() {
            return Ok(count);
        }
        for upload in listed.uploads() {
            abort(s3, bucket, upload).await?;
            count += 1;
        }
    }
}

async fn abort(s3: &Client, bucket: &str, upload: &MultipartUpload) -> Result<(), CallFailure> {
    let aborted = s3
        .abort_multipart_upload()
        .bucket(bucket)
        .set_key(upload.key.clone())
        .set_upload_id(upload.upload_id.clone())
        .send()
        .await;
    match aborted {
        Err(error) if error.code() != Some("NoSuchUpload") => Err(CallFailure::of(format!(
            "s3 AbortMultipartUpload in `{bucket}`"
        ))(error)),
        _ => Ok(()),
    }
}
