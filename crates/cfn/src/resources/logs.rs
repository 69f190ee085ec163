//! Amazon `CloudWatch` Logs.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Logs.html>

use serde_json::{Value, json};

use super::kms::Key;
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource, Val, text};

/// What a function's runtime calls to write its log.
const WRITE: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];

/// A log group.
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// Such as `/aws/lambda/<function>`, where the function's runtime looks for it.
    pub name: Name<LogGroup>,
    /// How long a line is kept.
    pub retention: RetentionDays,
    /// The key whose policy lets `CloudWatch` Logs use it for this name.
    pub key: Arn<Key>,
    /// Whether the log outlives its stack.
    pub profile: Profile,
}

/// How many days a log line is kept: one of the numbers that `CloudWatch` Logs knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetentionDays(u16);

impl RetentionDays {
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
    pub const ALLOWED: [u16; 22] = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
        2922, 3288, 3653,
    ];

    /// `None` when `days` is not one of [`RetentionDays::ALLOWED`].
    #[must_use]
    pub fn new(days: u16) -> Option<Self> {
        Self::ALLOWED.contains(&days).then_some(Self(days))
    }

    /// The number of days.
    #[must_use]
    pub fn days(self) -> u16 {
        self.0
    }
}

impl Resource for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({"LogGroupName": self.name, "RetentionInDays": self.retention.0, "KmsKeyId": self.key})
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<LogGroup> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<LogGroup> {
        self.reference()
    }

    /// Its ARN with `:*` at the end, which is how CloudFormation gives it: the group with all its streams.
    #[must_use]
    pub fn arn(&self) -> Arn<LogGroup> {
        self.attribute("Arn")
    }

    /// Lets the bearer of `policy` write to this log group, and nothing else.
    pub fn grant_write(&self, policy: &mut Policy) {
        policy.allow(WRITE, &self.arn());
    }
}

/// The ARN of a log group in this account by its name, without `:*`.
pub(crate) fn arn(name: &Val<String>) -> Val<String> {
    let place = text![crate::region(), ":", crate::account_id()];
    text![
        "arn:",
        crate::partition(),
        ":logs:",
        place,
        ":log-group:",
        name
    ]
}
