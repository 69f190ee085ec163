//! Lists, reads and writes S3 objects.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::Object;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;

/// Lists at most `most` objects below the prefix, in the order of their keys.
pub(crate) async fn list(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    most: usize,
) -> Result<Vec<Object>, CallFailure> {
    let mut pages = s3
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .into_paginator()
        .send();
    let mut objects = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(CallFailure::of(format!(
            "s3 ListObjectsV2 s3://{bucket}/{prefix}"
        )))?;
        objects.extend(page.contents.unwrap_or_default());
        if objects.len() >= most {
            objects.truncate(most);
            break;
        }
    }
    Ok(objects)
}

/// Reads the object at `key`.
pub(crate) async fn get(s3: &Client, bucket: &str, key: &str) -> Result<Vec<u8>, CallFailure> {
    let doing = || format!("s3 GetObject s3://{bucket}/{key}");
    let object = s3
        .get_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await
        .map_err(CallFailure::of(doing()))?;
    let body = object
        .body
        .collect()
        .await
        .map_err(|error| CallFailure::new(doing(), "body", error.to_string()))?;
    Ok(body.to_vec())
}

/// Reads the object at `key` with its `ETag`. `None` when it does not exist.
pub(crate) async fn find(
    s3: &Client,
    bucket: &str,
    key: &str,
) -> Result<Option<(Vec<u8>, String)>, CallFailure> {
    let doing = || format!("s3 GetObject s3://{bucket}/{key}");
    let object = match s3.get_object().bucket(bucket).key(key).send().await {
        Ok(object) => object,
        Err(error) if is(&error, &["NoSuchKey", "NotFound"]) => return Ok(None),
        Err(error) => return Err(CallFailure::of(doing())(error)),
    };
    let etag = object.e_tag.unwrap_or_default();
    let body = object
        .body
        .collect()
        .await
        .map_err(|error| CallFailure::new(doing(), "body", error.to_string()))?;
    Ok(Some((body.to_vec(), etag)))
}

/// Writes an object. Overwrites an existing one.
pub(crate) async fn put(
    s3: &Client,
    bucket: &str,
    key: &str,
    body: Vec<u8>,
) -> Result<(), CallFailure> {
    s3.put_object()
        .bucket(bucket)
        .key(key)
        .body(body.into())
        .send()
        .await
        .map(|_| ())
        .map_err(CallFailure::of(format!("s3 PutObject s3://{bucket}/{key}")))
}

/// Result of a conditional write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Written {
    /// The object was written.
    Here,
    /// Another writer changed the object; nothing was written.
    ByAnother,
}

/// Writes an object only if the current one has this `ETag`; with `None`, only if there is none. A second call returns
/// [`Written::ByAnother`].
pub(crate) async fn put_over(
    s3: &Client,
    bucket: &str,
    key: &str,
    body: Vec<u8>,
    etag: Option<&str>,
) -> Result<Written, CallFailure> {
    let put = s3.put_object().bucket(bucket).key(key).body(body.into());
    let put = match etag {
        Some(etag) => put.if_match(etag),
        None => put.if_none_match("*"),
    };
    match put.send().await {
        Ok(_) => Ok(Written::Here),
        Err(error)
            if is(
                &error,
                &[
                    "PreconditionFailed",
                    "ConditionalRequestConflict",
                    "NoSuchKey",
                ],
            ) =>
        {
            Ok(Written::ByAnother)
        }
        Err(error) => Err(CallFailure::of(format!("s3 PutObject s3://{bucket}/{key}"))(error)),
    }
}

/// Deletes an object. Idempotent.
pub(crate) async fn remove(s3: &Client, bucket: &str, key: &str) -> Result<(), CallFailure> {
    s3.delete_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await
        .map(|_| ())
        .map_err(CallFailure::of(format!(
            "s3 DeleteObject s3://{bucket}/{key}"
        )))
}

/// Returns whether the error has one of these codes.
fn is(error: &impl ProvideErrorMetadata, codes: &[&str]) -> bool {
    error.code().is_some_and(|code| codes.contains(&code))
}
