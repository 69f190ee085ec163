//! Amazon Simple Notification Service.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SNS.html>

use serde_json::{Value, json};

use super::kms::Key;
use crate::{
    Arn, Conditions, Handle, Name, Principal, Removal, Resource, ResourcePolicy, Wildcards,
};

/// A notification topic.
#[derive(Clone, Debug)]
pub struct Topic {
    pub name: Name<Topic>,
    /// Encrypts messages. The key's policy must allow the services that publish to use it.
    pub key: Arn<Key>,
}

impl Resource for Topic {
    const TYPE: &'static str = "AWS::SNS::Topic";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({"TopicName": self.name, "KmsMasterKeyId": self.key})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Topic> {
    #[must_use]
    pub fn arn(&self) -> Arn<Topic> {
        self.reference()
    }
}

/// The resource policy of a topic.
#[derive(Clone, Debug)]
pub struct TopicPolicy {
    topic: Arn<Topic>,
    policy: ResourcePolicy,
}

impl TopicPolicy {
    /// Allows `CloudWatch` to publish the alarms of this account, and denies requests without TLS.
    #[must_use]
    pub fn of_alarms(topic: &Handle<Topic>) -> Self {
        let mut policy = ResourcePolicy::new();
        let own = Conditions::none().when("StringEquals", "aws:SourceAccount", crate::account_id());
        let alarms = Principal::Service("cloudwatch.amazonaws.com".into());
        policy.allow("Alarms", &alarms, &["sns:Publish"], &topic.arn(), &own);
        policy.require_tls("sns:Publish", &[topic.arn().text()]);
        Self {
            topic: topic.arn(),
            policy,
        }
    }
}

impl Resource for TopicPolicy {
    const TYPE: &'static str = "AWS::SNS::TopicPolicy";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"Topics": [self.topic], "PolicyDocument": self.policy.to_json()})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }

    fn wildcards(&self) -> Wildcards {
        self.policy.wildcards()
    }
}

/// An e-mail subscription, which becomes active when the owner of the address confirms it.
#[derive(Clone, Debug)]
pub struct EmailSubscription {
    pub topic: Arn<Topic>,
    pub email: String,
}

impl Resource for EmailSubscription {
    const TYPE: &'static str = "AWS::SNS::Subscription";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"TopicArn": self.topic, "Protocol": "email", "Endpoint": self.email})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
