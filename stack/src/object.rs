//! One object of S3, whole.

use aws_sdk_s3::Client;

use crate::deploy::DeployError;

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
