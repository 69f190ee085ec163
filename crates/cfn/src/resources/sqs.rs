//! Amazon Simple Queue Service.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html>

use serde_json::{Value, json};

use super::kms::{Encrypted, Key};
use super::s3::Bucket;
use crate::{
    Arn, Conditions, Handle, Name, Policy, Principal, Profile, Removal, Resource, ResourcePolicy,
    Url, Wildcards,
};

/// The actions that an event source mapping calls with the role of its function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const CONSUME: &[&str] = &[
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];
const SEND: &[&str] = &["sqs:SendMessage"];

/// The maximum retention of a message, in seconds.
const FOURTEEN_DAYS: u32 = 14 * 24 * 60 * 60;

/// A standard queue that keeps messages for fourteen days.
#[derive(Clone, Debug)]
pub struct Queue {
    pub name: Name<Queue>,
    /// How long, in seconds, a received message is hidden from other consumers; at most 43,200. Lambda
    /// refuses a mapping whose function may run longer, and AWS recommends six times the timeout plus the
    /// batching window.
    pub visibility_seconds: u16,
    /// Where a message goes that could not be processed. `None` for a dead-letter queue.
    pub dead_letters: Option<DeadLetters>,
    /// What messages are encrypted with.
    pub key: Arn<Key>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

/// The redrive policy of a queue.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    /// The dead-letter queue.
    pub queue: Arn<Queue>,
    /// The maximum number of receives. AWS recommends at least five, because a throttled mapping counts as a
    /// receive too.
    pub after: u16,
}

impl Resource for Queue {
    const TYPE: &'static str = "AWS::SQS::Queue";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let redrive = self
            .dead_letters
            .as_ref()
            .map(|dead| json!({"deadLetterTargetArn": dead.queue, "maxReceiveCount": dead.after}));
        json!({
            "QueueName": self.name,
            "VisibilityTimeout": self.visibility_seconds,
            "MessageRetentionPeriod": FOURTEEN_DAYS,
            "RedrivePolicy": redrive,
            "KmsMasterKeyId": self.key,
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<Queue> {
    #[must_use]
    pub fn arn(&self) -> Arn<Queue> {
        self.attribute("Arn")
    }

    #[must_use]
    pub fn url(&self) -> Url<Queue> {
        self.reference()
    }
}

impl Encrypted<Queue> {
    /// Allows an event source mapping to consume messages with the role of `policy`.
    pub fn grant_consume(&self, policy: &mut Policy) {
        policy.allow(CONSUME, self.arn());
        self.allow_decrypt(policy);
    }

    /// Allows the role with `policy` to send messages, and not to read them.
    pub fn grant_send(&self, policy: &mut Policy) {
        policy.allow(SEND, self.arn());
        self.allow_encrypt(policy);
    }
}

/// The resource policy of a queue.
#[derive(Clone, Debug)]
pub struct QueuePolicy {
    queue: Url<Queue>,
    policy: ResourcePolicy,
}

impl QueuePolicy {
    /// Returns a policy that allows nothing.
    #[must_use]
    pub fn closed(queue: &Handle<Queue>) -> Self {
        Self {
            queue: queue.url(),
            policy: ResourcePolicy::new(),
        }
    }

    /// Allows `bucket` to send its notifications to `queue`. The ARN is built from the bucket's literal name:
    /// the bucket depends on this policy, so a reference to the bucket would be circular.
    #[must_use]
    pub fn of_notifications(queue: &Handle<Queue>, bucket: &Arn<Bucket>) -> Self {
        let mut closed = Self::closed(queue);
        let conditions = Conditions::none()
            .when("ArnEquals", "aws:SourceArn", bucket.text())
            .when("StringEquals", "aws:SourceAccount", crate::account_id());
        let s3 = Principal::Service("s3.amazonaws.com".into());
        closed.policy.allow(
            "Notifications",
            &s3,
            &["sqs:SendMessage"],
            &queue.arn(),
            &conditions,
        );
        closed
    }

    /// Denies requests without TLS.
    #[must_use]
    pub fn with_tls_only(mut self, queue: &Handle<Queue>) -> Self {
        self.policy.require_tls("sqs:*", &[queue.arn().text()]);
        self
    }
}

impl Resource for QueuePolicy {
    const TYPE: &'static str = "AWS::SQS::QueuePolicy";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"Queues": [self.queue], "PolicyDocument": self.policy.to_json()})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }

    fn wildcards(&self) -> Wildcards {
        self.policy.wildcards()
    }
}
