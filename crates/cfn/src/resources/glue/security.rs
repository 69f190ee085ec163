//! Encryption of what Glue writes.

use serde_json::{Value, json};

use crate::resources::kms::Key;
use crate::resources::logs;
use crate::{Arn, Handle, Justified, Name, Policy, Removal, Resource, Scope, text};

/// The prefix of all log groups of Glue. Glue creates them, and names them after the role and the security
/// configuration.
pub const LOG_GROUPS: &str = "/aws-glue/";

/// The actions with which a crawler or a job with a security configuration writes its log.
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

/// Allows the role with `policy` to write Glue's logs, and to associate their key.
pub fn grant_log(policy: &mut Policy) {
    let groups = text![&logs::arn(&LOG_GROUPS.into()), "*"];
    policy.allow(LOG, Scope::wide(groups, GLUE_NAMES_ITS_LOGS));
}

/// Encrypts logs, bookmarks and objects with a key of the account.
#[derive(Clone, Debug)]
pub struct SecurityConfiguration {
    pub name: Name<SecurityConfiguration>,
    /// Its policy must allow `CloudWatch` Logs to use it for [`LOG_GROUPS`].
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
    #[must_use]
    pub fn name(&self) -> Name<SecurityConfiguration> {
        self.reference()
    }
}
