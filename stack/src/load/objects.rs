//! Objects of a bucket, whole.

use std::io::Read;

use aws_sdk_s3::Client;
use flate2::read::MultiGzDecoder;

use crate::deploy::DeployError;

/// The keys below `prefix`, in their order.
pub(super) async fn keys(
    s3: &Client,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<String>, DeployError> {
    let mut pages = s3
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .into_paginator()
        .send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(DeployError::call(format!(
            "s3 ListObjectsV2 s3://{bucket}/{prefix}"
        )))?;
        let found = page.contents.unwrap_or_default().into_iter();
        keys.extend(found.filter_map(|object| object.key));
    }
    Ok(keys)
}

/// The text in a gzip object; `None` when it is no whole gzip of UTF-8.
pub(super) fn unzip(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    MultiGzDecoder::new(bytes)
        .read_to_string(&mut text)
        .ok()
        .map(|_| text)
}
