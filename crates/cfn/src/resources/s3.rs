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

/// A bucket that nobody outside the account sees, with versions.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name, unique in all of AWS, at most 63 characters.
    pub name: Name<Bucket>,
    /// What objects are encrypted with.
    pub encryption: Encryption,
    /// Where each request is written down. `None` for the bucket where that is.
    pub access_log: Option<AccessLog>,
    /// When objects go.
    pub lifecycle: Lifecycle,
    /// Who hears of new objects.
    pub notifications: Vec<Notification>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

/// What objects are encrypted with.
#[derive(Clone, Debug)]
pub enum Encryption {
    /// The key of S3. The only one with which S3 itself can write access logs.
    Service,
    /// A key of the account, asked once for many objects.
    Key(Arn<Key>),
}

/// Where the requests to a bucket are written down.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// Its policy must let S3 write.
    pub bucket: Name<Bucket>,
    /// How the log's keys begin.
    pub prefix: &'static str,
}

/// When objects go. What an unfinished upload left goes after a week everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle {
    /// After how many days an object goes. `None`: never.
    pub expire_days: Option<u16>,
    /// For how many days an overwritten or deleted object can be brought back.
    pub keep_old_days: u16,
}

/// A message for each new object below a prefix.
#[derive(Clone, Debug)]
pub struct Notification {
    /// How the object's key begins.
    pub prefix: &'static str,
    /// Where the message goes. The bucket must depend on the queue's policy.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Bucket> {
        self.reference()
    }
}

impl Arn<Bucket> {
    /// The ARN of a bucket, which its name alone makes.
    #[must_use]
    pub fn of(name: &Name<Bucket>) -> Self {
        Self::from_text(text!["arn:", crate::partition(), ":s3:::", name])
    }

    pub(crate) fn objects(&self, prefix: &'static str) -> Scope {
        Scope::wide(text![self, "/", prefix, "*"], KEYS_ARE_DATA)
    }
}

impl Encrypted<Bucket> {
    /// Lets the bearer of `policy` read the objects below `prefix`, and not list them.
    pub fn grant_read(&self, prefix: &'static str, policy: &mut Policy) {
        policy.allow(READ, self.arn().objects(prefix));
        self.allow_decrypt(policy);
    }

    /// Lets the bearer of `policy` put objects below `prefix`, and not read them.
    pub fn grant_put(&self, prefix: &'static str, policy: &mut Policy) {
        policy.allow(PUT, self.arn().objects(prefix));
        self.allow_encrypt(policy);
    }

    /// Lets the bearer of `policy` list the bucket. S3 then tells it of a missing object instead of refusing to say.
    pub fn grant_list(&self, policy: &mut Policy) {
        policy.allow(LIST, self.arn());
    }
}

/// Who may come into a bucket beside those whose own policies let them.
#[derive(Clone, Debug)]
pub struct BucketPolicy {
    bucket: Name<Bucket>,
    policy: ResourcePolicy,
}

/// A bucket whose requests are written down in another.
#[derive(Clone, Debug)]
pub struct LogSource {
    /// The statement's name in the other's policy.
    pub sid: &'static str,
    /// The bucket.
    pub bucket: Arn<Bucket>,
    /// How the log's keys begin.
    pub prefix: &'static str,
}

/// A service that delivers logs to a bucket.
#[derive(Clone, Debug)]
pub struct LogDelivery {
    /// The statements' names: of asking for the bucket's owner, and of delivering.
    pub sids: [&'static str; 2],
    /// Such as `redshift.amazonaws.com`.
    pub service: &'static str,
    /// On whose behalf it must come: an ARN, or a pattern of one.
    pub source: Val<String>,
    /// How the log's keys begin.
    pub prefix: &'static str,
}

impl BucketPolicy {
    /// Lets nobody in.
    #[must_use]
    pub fn closed(bucket: &Handle<Bucket>) -> Self {
        Self {
            bucket: bucket.name(),
            policy: ResourcePolicy::new(),
        }
    }

    /// Lets S3 write the access logs of `sources` into `bucket`, each below its prefix.
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

    /// Lets a service deliver its logs, after it asked whose the bucket is.
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

    /// Refuses whoever comes without TLS.
    #[must_use]
    pub fn with_tls_only(mut self, bucket: &Handle<Bucket>) -> Self {
        let arn = Arn::<Bucket>::of(&bucket.name());
        self.policy
            .require_tls("s3:*", &[arn.text(), text![&arn, "/*"]]);
        self
    }

    /// Whether it says anything: S3 does not take an empty policy.
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
