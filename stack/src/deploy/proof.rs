//! A marker that the deployed pipeline worked: an object in the assets bucket, named after a hash of the
//! pipeline's content.
//!
//! Without it, a deploy that was interrupted between the last stack and the probe would be reported as
//! `unchanged` when it is repeated, whether it works or not.

use aws_sdk_s3::Client;
use cloudformation::CallFailure;

use super::upload::is_there;

/// The marker, which may or may not exist.
pub(super) struct Proof {
    s3: Client,
    bucket: String,
    key: String,
}

impl Proof {
    /// Returns the marker of a pipeline with this content hash.
    pub(super) fn of(s3: Client, bucket: &str, content: &str) -> Self {
        Self {
            s3,
            bucket: bucket.to_owned(),
            key: format!("proved/{content}"),
        }
    }

    /// Returns whether this content has worked before.
    pub(super) async fn is_there(&self) -> Result<bool, CallFailure> {
        is_there(&self.s3, &self.bucket, &self.key).await
    }

    /// Stores the marker. Idempotent.
    pub(super) async fn keep(&self) -> Result<(), CallFailure> {
        let (bucket, key) = (&self.bucket, &self.key);
        let put = self.s3.put_object().bucket(bucket).key(key);
        put.send()
            .await
            .map(drop)
            .map_err(CallFailure::of(format!("s3 PutObject s3://{bucket}/{key}")))
    }
}
