//! What is deployed and was seen to work: an object of the assets bucket named for the content of the pipeline.
//!
//! Without it, a deploy that ended between the last stack and the probe would be called `unchanged` when it is repeated,
//! whether it works or not.

use aws_sdk_s3::Client;
use sha2::{Digest, Sha256};

use super::DeployError;
use super::upload::is_there;
use super::values::Values;

/// A proof that there is or is not yet.
pub(super) struct Proof {
    s3: Client,
    bucket: String,
    key: String,
}

impl Proof {
    /// The proof of a pipeline with this template and these values of its parameters.
    pub(super) fn of(s3: Client, bucket: &str, template: &str, parameters: &Values) -> Self {
        let mut sha = Sha256::new();
        sha.update(template);
        for (name, value) in parameters {
            sha.update([0]);
            sha.update(name);
            sha.update([0]);
            sha.update(value);
        }
        let hash = sha.finalize();
        let name = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
        Self {
            s3,
            bucket: bucket.to_owned(),
            key: format!("proved/{}", name.collect::<String>()),
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

#[cfg(test)]
mod tests {
    use aws_sdk_s3::config::{BehaviorVersion, Config};

    use super::*;

    #[test]
    fn another_template_or_another_value_wants_a_proof_of_its_own() {
        let s3 = Client::from_conf(
            Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .build(),
        );
        let key = |template: &str, value: &str| {
            let values = Values::from([("CodeKey".to_owned(), value.to_owned())]);
            Proof::of(s3.clone(), "bucket", template, &values).key
        };
        assert_eq!(key("a", "1"), key("a", "1"));
        assert_ne!(key("a", "1"), key("b", "1"));
        assert_ne!(key("a", "1"), key("a", "2"));
        assert!(key("a", "1").starts_with("proved/"));
    }
}
