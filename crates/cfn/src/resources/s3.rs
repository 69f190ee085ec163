//! Amazon Simple Storage Service.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html>

use serde_json::{Value, json};

use super::kms::{Encrypted, Key};
use super::sqs::Queue;
use crate::{
    Arn, Conditions, Handle, Justified, Name, Policy, Principal, Profile, Removal, Resource,
    ResourcePolicy, Scope, Val, Wildcards, text,
};

const READ: &[&str] = &["s3:GetObject"];
const PUT: &[&str] = &["s3:PutObject"];
const LIST: &[&str] = &["s3:ListBucket"];
const ASK_OWNER: &[&str] = &["s3:GetBucketAcl"];

const KEYS_ARE_DATA: Justified =
    Justified::because("objects are named by their data, so only their prefix is known");

/// A private bucket with versioning.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Globally unique, at most 63 characters.
    pub name: Name<Bucket>,
    pub encryption: Encryption,
    /// Where S3 writes the access log; `None` for the bucket that holds the access logs.
    pub access_log: Option<AccessLog>,
    pub lifecycle: Lifecycle,
    /// Sent to queues when objects are created.
    pub notifications: Vec<Notification>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

/// The encryption of objects.
#[derive(Clone, Debug)]
pub enum Encryption {
    /// SSE-S3. The only encryption with which S3 itself can write access logs.
    Service,
    /// SSE-KMS with a bucket key, which reduces the calls to KMS.
    Key(Arn<Key>),
}

/// The destination of a bucket's access log.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// Its policy must allow S3 to write.
    pub bucket: Name<Bucket>,
    /// Prefix of the log's keys.
    pub prefix: &'static str,
}

/// When objects are deleted. Incomplete multipart uploads are always aborted after a week.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle {
    /// Age in days at which objects are deleted; `None`: never.
    pub expire_days: Option<u16>,
    /// Number of days for which overwritten and deleted versions are kept.
    pub keep_old_days: u16,
}

/// A message for each object that is created under a prefix.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Prefix of the object's key.
    pub prefix: &'static str,
    /// The destination. The bucket must depend on the policy of the queue.
    pub queue: Arn<Queue>,
}

impl Lifecycle {
    fn rules(self) -> Value {
        let expire = self
            .expire_days
            .map(|days| json!({"Id": "Expire", "Status": "Enabled", "ExpirationInDays": days}));
        let mut rules = vec![
            json!({
                "Id": "AbortUnfinishedUploads",
                "Status": "Enabled",
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            }),
            json!({
                "Id": "ExpireOldVersions",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": self.keep_old_days},
            }),
        ];
        rules.extend(expire);
        json!(rules)
    }
}

impl Encryption {
    fn rule(&self) -> Value {
        match self {
            Self::Service => json!({"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}),
            Self::Key(key) => json!({
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
                "BucketKeyEnabled": true,
            }),
        }
    }
}

impl Notification {
    fn to_json(&self) -> Value {
        json!({
            "Event": "s3:ObjectCreated:*",
            "Queue": self.queue,
            "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": self.prefix}]}},
        })
    }
}

impl Resource for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let log = self
            .access_log
            .as_ref()
            .map(|it| json!({"DestinationBucketName": it.bucket, "LogFilePrefix": it.prefix}));
        let queues: Vec<_> = self
            .notifications
            .iter()
            .map(Notification::to_json)
            .collect();
        json!({
            "BucketName": self.name,
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [self.encryption.rule()]},
            "LifecycleConfiguration": {"Rules": self.lifecycle.rules()},
            "LoggingConfiguration": log,
            "NotificationConfiguration": (!queues.is_empty()).then(|| json!({"QueueConfigurations": queues})),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": true,
                "BlockPublicPolicy": true,
                "IgnorePublicAcls": true,
                "RestrictPublicBuckets": true,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<Bucket> {
    #[must_use]
    pub fn name(&self) -> Name<Bucket> {
        self.reference()
    }
}

impl Arn<Bucket> {
    /// Returns the ARN of the bucket `name`.
    #[must_use]
    pub fn of(name: &Name<Bucket>) -> Self {
        Self::from_text(text!["arn:", crate::partition(), ":s3:::", name])
    }

    pub(crate) fn objects(&self, prefix: &'static str) -> Scope {
        Scope::wide(text![self, "/", prefix, "*"], KEYS_ARE_DATA)
    }
}

impl Encrypted<Bucket> {
    /// Allows the role with `policy` to read objects under `prefix`, and not to list them.
    pub fn grant_read(&self, prefix: &'static str, policy: &mut Policy) {
        policy.allow(READ, self.arn().objects(prefix));
        self.allow_decrypt(policy);
    }

    /// Allows the role with `policy` to put objects under `prefix`, and not to read them.
    pub fn grant_put(&self, prefix: &'static str, policy: &mut Policy) {
        policy.allow(PUT, self.arn().objects(prefix));
        self.allow_encrypt(policy);
    }

    /// Allows the role with `policy` to list the bucket. With it, S3 answers 404 for a missing object;
    /// without it, 403.
    pub fn grant_list(&self, policy: &mut Policy) {
        policy.allow(LIST, self.arn());
    }
}

/// The resource policy of a bucket.
#[derive(Clone, Debug)]
pub struct BucketPolicy {
    bucket: Name<Bucket>,
    policy: ResourcePolicy,
}

/// A bucket whose access log is written to another bucket.
#[derive(Clone, Debug)]
pub struct LogSource {
    /// The id of the statement in the other bucket's policy.
    pub sid: &'static str,
    pub bucket: Arn<Bucket>,
    /// Prefix of the log's keys.
    pub prefix: &'static str,
}

/// An AWS service that delivers logs to a bucket.
#[derive(Clone, Debug)]
pub struct LogDelivery {
    /// The ids of the two statements: reading the bucket's ACL, and delivering.
    pub sids: [&'static str; 2],
    /// For example `redshift.amazonaws.com`.
    pub service: &'static str,
    /// The ARN, or a pattern of ARNs, on whose behalf the service must act.
    pub source: Val<String>,
    /// Prefix of the log's keys.
    pub prefix: &'static str,
}

impl BucketPolicy {
    /// Returns a policy that allows nothing.
    #[must_use]
    pub fn closed(bucket: &Handle<Bucket>) -> Self {
        Self {
            bucket: bucket.name(),
            policy: ResourcePolicy::new(),
        }
    }

    /// Allows S3 to write the access logs of `sources` to `bucket`, each under its prefix.
    #[must_use]
    pub fn of_access_logs(bucket: &Handle<Bucket>, sources: &[LogSource]) -> Self {
        let mut closed = Self::closed(bucket);
        let s3 = Principal::Service("logging.s3.amazonaws.com".into());
        let own = Arn::<Bucket>::of(&bucket.name());
        for LogSource {
            sid,
            bucket,
            prefix,
        } in sources
        {
            let conditions = Conditions::none()
                .when("ArnEquals", "aws:SourceArn", bucket.text())
                .when("StringEquals", "aws:SourceAccount", crate::account_id());
            closed
                .policy
                .allow(sid, &s3, PUT, own.objects(prefix), &conditions);
        }
        closed
    }

    /// Allows a service to deliver its logs. Services first check the bucket's ACL.
    #[must_use]
    pub fn with_log_delivery(mut self, bucket: &Handle<Bucket>, delivery: &LogDelivery) -> Self {
        let service = Principal::Service(delivery.service.into());
        let conditions =
            Conditions::none().when("ArnLike", "aws:SourceArn", delivery.source.clone());
        let own = Arn::<Bucket>::of(&bucket.name());
        let [ask, deliver] = delivery.sids;
        self.policy
            .allow(ask, &service, ASK_OWNER, &own, &conditions);
        let objects = own.objects(delivery.prefix);
        self.policy
            .allow(deliver, &service, PUT, objects, &conditions);
        self
    }

    /// Denies requests without TLS.
    #[must_use]
    pub fn with_tls_only(mut self, bucket: &Handle<Bucket>) -> Self {
        let arn = Arn::<Bucket>::of(&bucket.name());
        self.policy
            .require_tls("s3:*", &[arn.text(), text![&arn, "/*"]]);
        self
    }

    /// Returns whether the policy has no statements; S3 refuses an empty policy.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policy.is_empty()
    }
}

impl Resource for BucketPolicy {
    const TYPE: &'static str = "AWS::S3::BucketPolicy";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"Bucket": self.bucket, "PolicyDocument": self.policy.to_json()})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }

    fn wildcards(&self) -> Wildcards {
        self.policy.wildcards()
    }
}
