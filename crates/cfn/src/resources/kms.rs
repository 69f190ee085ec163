//! AWS Key Management Service.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_KMS.html>

use serde_json::{Value, json};

use crate::{
    Arn, Conditions, Handle, Justified, Name, Policy, Principal, Profile, Removal, Resource,
    ResourcePolicy, Val, Wildcards,
};

const OWN_KEY: Justified = Justified::because("in a key's policy `*` is that key alone");

/// The actions for reading.
const DECRYPT: &[&str] = &["kms:Decrypt", "kms:DescribeKey"];
/// The actions for writing, where the service creates a data key for each object or message.
const ENCRYPT: &[&str] = &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"];
/// The actions that DynamoDB calls with the role of whoever writes to a table.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html>
const ENCRYPT_TABLE: &[&str] = &[
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];
/// The actions of a service that sends to an encrypted queue or topic.
const SEND: &[&str] = &["kms:Decrypt", "kms:GenerateDataKey"];
/// The actions that `CloudWatch` Logs needs for a log group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
const LOGS: &[&str] = &[
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// A symmetric key, rotated every year.
///
/// The key policy names the account and services, never roles: a recreated role would be a different
/// principal.
#[derive(Clone, Debug)]
pub struct Key {
    pub description: &'static str,
    /// The services that use the key by themselves.
    pub users: Vec<KeyUser>,
    /// Whether the key outlives its stack. A deleted key stays pending for seven days, the minimum.
    pub profile: Profile,
}

/// A service that uses a key by itself, not with a role.
#[derive(Clone, Debug)]
pub enum KeyUser {
    /// S3, when it sends notifications of this account's buckets to an encrypted queue.
    S3Notifications,
    /// `CloudWatch`, when it publishes this account's alarms to an encrypted topic.
    Alarms,
    /// `CloudWatch` Logs, for the log groups with this name prefix.
    LogGroups {
        /// The id of the statement in the key policy.
        sid: &'static str,
        /// For example `/aws/lambda/shop-`.
        prefix: Val<String>,
    },
}

impl KeyUser {
    fn admit(&self, policy: &mut ResourcePolicy) {
        let own = crate::Scope::wide("*".into(), OWN_KEY);
        match self {
            Self::S3Notifications => {
                let s3 = Principal::Service("s3.amazonaws.com".into());
                policy.allow("S3Notifications", &s3, SEND, own, &of_account());
            }
            Self::Alarms => {
                let cloudwatch = Principal::Service("cloudwatch.amazonaws.com".into());
                policy.allow("Alarms", &cloudwatch, SEND, own, &of_account());
            }
            Self::LogGroups { sid, prefix } => {
                let logs = crate::text!["logs.", crate::region(), ".", crate::url_suffix()];
                let groups = crate::text![&super::logs::arn(prefix), "*"];
                let condition = Conditions::none().when(
                    "ArnLike",
                    "kms:EncryptionContext:aws:logs:arn",
                    groups,
                );
                policy.allow(sid, &Principal::Service(logs), LOGS, own, &condition);
            }
        }
    }
}

fn of_account() -> Conditions {
    Conditions::none().when("StringEquals", "aws:SourceAccount", crate::account_id())
}

impl Key {
    fn policy(&self) -> ResourcePolicy {
        let mut policy = ResourcePolicy::new();
        policy.trust_account("kms:*", OWN_KEY);
        self.users.iter().for_each(|user| user.admit(&mut policy));
        policy
    }
}

impl Resource for Key {
    const TYPE: &'static str = "AWS::KMS::Key";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "Description": self.description,
            "EnableKeyRotation": true,
            "PendingWindowInDays": 7,
            "KeyPolicy": self.policy().to_json(),
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }

    fn wildcards(&self) -> Wildcards {
        self.policy().wildcards()
    }
}

impl Handle<Key> {
    #[must_use]
    pub fn arn(&self) -> Arn<Key> {
        self.attribute("Arn")
    }
}

/// A readable name of a key.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Starts with `alias/`.
    pub name: Name<Alias>,
    pub key: Arn<Key>,
}

impl Resource for Alias {
    const TYPE: &'static str = "AWS::KMS::Alias";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"AliasName": self.name, "TargetKeyId": self.key})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

/// A resource for a grant, together with its encryption key: permissions on the resource are useless without
/// the key.
#[derive(Clone, Debug)]
pub struct Encrypted<R> {
    arn: Arn<R>,
    key: Option<Arn<Key>>,
}

impl<R> Encrypted<R> {
    /// Returns a resource that is encrypted with a key of the account.
    #[must_use]
    pub fn with(arn: Arn<R>, key: Arn<Key>) -> Self {
        Self {
            arn,
            key: Some(key),
        }
    }

    /// Returns a resource that is encrypted with the service's own key, which needs no permission.
    #[must_use]
    pub fn by_service(arn: Arn<R>) -> Self {
        Self { arn, key: None }
    }

    #[must_use]
    pub fn arn(&self) -> &Arn<R> {
        &self.arn
    }

    pub(crate) fn allow_decrypt(&self, policy: &mut Policy) {
        self.allow(policy, DECRYPT);
    }

    pub(crate) fn allow_encrypt(&self, policy: &mut Policy) {
        self.allow(policy, ENCRYPT);
    }

    pub(crate) fn allow_encrypt_table(&self, policy: &mut Policy) {
        self.allow(policy, ENCRYPT_TABLE);
    }

    fn allow(&self, policy: &mut Policy, actions: &'static [&'static str]) {
        if let Some(key) = &self.key {
            policy.allow(actions, key);
        }
    }
}

impl Arn<Key> {
    /// Allows the role with `policy` to decrypt, as a function needs for its encrypted environment variables.
    pub fn grant_decrypt(&self, policy: &mut Policy) {
        policy.allow(DECRYPT, self);
    }
}
