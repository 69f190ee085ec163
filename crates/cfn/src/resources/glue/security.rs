//! How what Glue writes is encrypted.

use serde_json::{Value, json};

use crate::resources::kms::Key;
use crate::resources::logs;
use crate::{Arn, Handle, Justified, Name, Policy, Removal, Resource, Scope, text};

/// How the names of all of Glue's log groups begin. Glue makes them, and names them for role and configuration.
pub const LOG_GROUPS: &str = "/aws-glue/";

/// What a crawler or a job with a security configuration calls to write its log.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html>
const LOG: &[&str] = &[
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

const GLUE_NAMES_ITS_LOGS: Justified = Justified::because(
    "Glue makes its log groups itself and names them, only their prefix is known",
);

/// Lets the bearer of `policy` write Glue's logs, and encrypt them.
pub fn grant_log(policy: &mut Policy) {
    let groups = text![&logs::arn(&LOG_GROUPS.into()), "*"];
    policy.allow(LOG, Scope::wide(groups, GLUE_NAMES_ITS_LOGS));
}

/// Encrypts logs, bookmarks and objects with a key of the account.
#[derive(Clone, Debug)]
pub struct SecurityConfiguration {
    /// Its name.
    pub name: Name<SecurityConfiguration>,
    /// The key. Its policy must let `CloudWatch` Logs use it for [`LOG_GROUPS`].
    pub key: Arn<Key>,
}

impl Resource for SecurityConfiguration {
    const TYPE: &'static str = "AWS::Glue::SecurityConfiguration";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "EncryptionConfiguration": {
                "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": self.key},
                "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS", "KmsKeyArn": self.key},
                "S3Encryptions": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": self.key}],
            },
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<SecurityConfiguration> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<SecurityConfiguration> {
        self.reference()
    }
}
