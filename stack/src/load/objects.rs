//! Keys and text of S3 objects.

use std::io::Read;

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use flate2::read::MultiGzDecoder;

use crate::object;

/// Lists the keys below `prefix` in order.
pub(super) async fn keys(
    s3: &Client,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<String>, CallFailure> {
    let found = object::list(s3, bucket, prefix, usize::MAX).await?;
    Ok(found.into_iter().filter_map(|object| object.key).collect())
}

/// Decompresses a gzip object. `None` if it is damaged or not UTF-8.
pub(crate) fn unzip(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    MultiGzDecoder::new(bytes)
        .read_to_string(&mut text)
        .ok()
        .map(|_| text)
}
