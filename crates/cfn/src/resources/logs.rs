//! Amazon `CloudWatch` Logs.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Logs.html>

use serde_json::{Value, json};

use super::kms::Key;
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource, Val, text};

/// The actions with which a function's runtime writes its log.
const WRITE: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];

/// A log group.
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// For example `/aws/lambda/FUNCTION`, the name that the function's runtime expects.
    pub name: Name<LogGroup>,
    pub retention: RetentionDays,
    /// A key whose policy allows `CloudWatch` Logs to use it for this log group.
    pub key: Arn<Key>,
    /// Whether the log outlives its stack.
    pub profile: Profile,
}

/// A log retention in days; only the values of [`RetentionDays::ALLOWED`] exist.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetentionDays(u16);

impl RetentionDays {
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
    pub const ALLOWED: [u16; 22] = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
        2922, 3288, 3653,
    ];

    /// Returns `None` if `days` is not in [`RetentionDays::ALLOWED`].
    #[must_use]
    pub fn new(days: u16) -> Option<Self> {
        Self::ALLOWED.contains(&days).then_some(Self(days))
    }

    /// Returns the number of days.
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
    #[must_use]
    pub fn name(&self) -> Name<LogGroup> {
        self.reference()
    }

    /// Returns the ARN of the group and all its streams. It ends with `:*`, as CloudFormation returns it.
    #[must_use]
    pub fn arn(&self) -> Arn<LogGroup> {
        self.attribute("Arn")
    }

    /// Allows the role with `policy` to write to this log group, and nothing else.
    pub fn grant_write(&self, policy: &mut Policy) {
        policy.allow(WRITE, &self.arn());
    }
}

/// Returns the ARN of the log group `name` in this account, without `:*`.
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
