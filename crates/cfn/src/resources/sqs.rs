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

/// What an event source mapping calls in the name of its function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const CONSUME: &[&str] = &[
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];
const SEND: &[&str] = &["sqs:SendMessage"];

/// Fourteen days in seconds, the longest that a message is kept.
const FOURTEEN_DAYS: u32 = 14 * 24 * 60 * 60;

/// A standard queue that keeps messages for fourteen days.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: Name<Queue>,
    /// For how many seconds a received message is hidden from others, at most 43,200.
    /// AWS refuses a mapping whose function may run longer, and asks for six times its timeout plus the window.
    pub visibility_seconds: u16,
    /// Where a message goes that could not be handled. `None` for a queue that is such a place itself.
    pub dead_letters: Option<DeadLetters>,
    /// What messages are encrypted with.
    pub key: Arn<Key>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

/// When to give a message up.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    /// Where it goes.
    pub queue: Arn<Queue>,
    /// After how many receipts. AWS advises five or more: a throttled mapping counts as receipt too.
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
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn<Queue> {
        self.attribute("Arn")
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> Url<Queue> {
        self.reference()
    }
}

impl Encrypted<Queue> {
    /// Lets an event source mapping take messages for the bearer of `policy`.
    pub fn grant_consume(&self, policy: &mut Policy) {
        policy.allow(CONSUME, self.arn());
        self.allow_decrypt(policy);
    }

    /// Lets the bearer of `policy` send messages, and not read them.
    pub fn grant_send(&self, policy: &mut Policy) {
        policy.allow(SEND, self.arn());
        self.allow_encrypt(policy);
    }
}

/// Who may send to a queue.
#[derive(Clone, Debug)]
pub struct QueuePolicy {
    queue: Url<Queue>,
    policy: ResourcePolicy,
}

impl QueuePolicy {
    /// Lets no service in.
    #[must_use]
    pub fn closed(queue: &Handle<Queue>) -> Self {
        Self {
            queue: queue.url(),
            policy: ResourcePolicy::new(),
        }
    }

    /// Lets `bucket` send its notifications to `queue`. The ARN is spelled from the bucket's literal name: the bucket
    /// waits for this policy, so it cannot be asked.
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

    /// Refuses whoever comes without TLS.
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
