//! Amazon Kinesis Data Streams.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-stream.html>

use serde_json::{Value, json};

use super::kms::Encrypted;
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource};

/// The only action that a producer needs.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesis.html>
const PUT: &[&str] = &["kinesis:PutRecords"];
/// The actions that an event source mapping calls with the role of its function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html>
const READ: &[&str] = &[
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
];

/// A data stream, encrypted with the AWS managed key of Kinesis.
#[derive(Clone, Debug)]
pub struct Stream {
    pub name: Name<Stream>,
    /// Only a provisioned stream has a shard count.
    pub capacity: Capacity,
    /// How long a record stays readable.
    pub retention: RetentionHours,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

/// The capacity mode of a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Capacity {
    /// AWS adds and removes shards.
    OnDemand,
    /// A fixed number of shards.
    Provisioned {
        /// Each shard accepts up to 1 MB and 1,000 records a second.
        shards: u16,
    },
}

/// A retention period in hours, from 24 (a day) to 8760 (a year).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetentionHours(u16);

impl RetentionHours {
    /// One day: the shortest period, and AWS's default.
    pub const DAY: Self = Self(24);
    /// One week, so that a stage that was down over a long weekend loses nothing.
    pub const WEEK: Self = Self(7 * 24);

    /// Returns `None` if `hours` is outside 24..=8760.
    #[must_use]
    pub const fn new(hours: u16) -> Option<Self> {
        match hours {
            24..=8760 => Some(Self(hours)),
            _ => None,
        }
    }
}

impl Resource for Stream {
    const TYPE: &'static str = "AWS::Kinesis::Stream";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let (mode, shards) = match self.capacity {
            Capacity::OnDemand => ("ON_DEMAND", None),
            Capacity::Provisioned { shards } => ("PROVISIONED", Some(shards)),
        };
        json!({
            "Name": self.name,
            "RetentionPeriodHours": self.retention.0,
            "ShardCount": shards,
            "StreamModeDetails": {"StreamMode": mode},
            "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<Stream> {
    #[must_use]
    pub fn arn(&self) -> Arn<Stream> {
        self.attribute("Arn")
    }

    #[must_use]
    pub fn name(&self) -> Name<Stream> {
        self.reference()
    }
}

impl Encrypted<Stream> {
    /// Allows the role with `policy` to put records, and nothing else.
    pub fn grant_put(&self, policy: &mut Policy) {
        policy.allow(PUT, self.arn());
        self.allow_encrypt(policy);
    }

    /// Allows an event source mapping to read the stream with the role of `policy`.
    pub fn grant_read(&self, policy: &mut Policy) {
        policy.allow(READ, self.arn());
        self.allow_decrypt(policy);
    }
}
