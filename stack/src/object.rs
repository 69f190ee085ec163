//! Objects of S3: which there are, and one of them whole.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::Object;

use crate::deploy::DeployError;

/// At most `most` objects below the prefix, in the order of their keys.
pub(crate) async fn list(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    most: usize,
) -> Result<Vec<Object>, DeployError> {
    let mut pages = s3
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .into_paginator()
        .send();
    let mut objects = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(DeployError::call(format!(
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

/// The object at `key`.
pub(crate) async fn get(s3: &Client, bucket: &str, key: &str) -> Result<Vec<u8>, DeployError> {
    let doing = || format!("s3 GetObject s3://{bucket}/{key}");
    let object = s3
        .get_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await
        .map_err(DeployError::call(doing()))?;
    let body = object
        .body
        .collect()
        .await
        .map_err(|error| DeployError::Call {
            doing: doing(),
            code: "body".to_owned(),
            message: error.to_string(),
        })?;
    Ok(body.to_vec())
}
