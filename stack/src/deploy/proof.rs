//! What is deployed and was seen to work: an object of the assets bucket named for the content of the pipeline.
//!
//! Without it, a deploy that ended between the last stack and the probe would be called `unchanged` when it is repeated,
//! whether it works or not.

use aws_sdk_s3::Client;

use super::DeployError;
use super::upload::is_there;

/// A proof that there is or is not yet.
pub(super) struct Proof {
    s3: Client,
    bucket: String,
    key: String,
}

impl Proof {
    /// The proof of what a wish's content names.
    pub(super) fn of(s3: Client, bucket: &str, content: &str) -> Self {
        Self {
            s3,
            bucket: bucket.to_owned(),
            key: format!("proved/{content}"),
        }
    }

    /// Whether this content was seen to work.
    pub(super) async fn is_there(&self) -> Result<bool, DeployError> {
        is_there(&self.s3, &self.bucket, &self.key).await
    }

    /// Keeps that it works. Kept again it is the same.
    pub(super) async fn keep(&self) -> Result<(), DeployError> {
        let (bucket, key) = (&self.bucket, &self.key);
        let put = self.s3.put_object().bucket(bucket).key(key);
        put.send()
            .await
            .map(drop)
            .map_err(DeployError::call(format!(
                "s3 PutObject s3://{bucket}/{key}"
            )))
    }
}
