//! Objects of a bucket: their keys, and their text.

use std::io::Read;

use aws_sdk_s3::Client;
use flate2::read::MultiGzDecoder;

use crate::deploy::DeployError;
use crate::object;

/// The keys below `prefix`, in their order.
pub(super) async fn keys(
    s3: &Client,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<String>, DeployError> {
    let found = object::list(s3, bucket, prefix, usize::MAX).await?;
    Ok(found.into_iter().filter_map(|object| object.key).collect())
}

/// The text in a gzip object; `None` when it is no whole gzip of UTF-8.
pub(crate) fn unzip(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    MultiGzDecoder::new(bytes)
        .read_to_string(&mut text)
        .ok()
        .map(|_| text)
}
