//! Amazon Kinesis Data Streams.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-stream.html>

use serde_json::{Value, json};

use super::kms::Encrypted;
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource};

/// What a producer calls, and no more.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesis.html>
const PUT: &[&str] = &["kinesis:PutRecords"];
/// What an event source mapping calls in the name of its function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html>
const READ: &[&str] = &[
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
];

/// A data stream, encrypted with the key that AWS keeps for Kinesis.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Its name.
    pub name: Name<Stream>,
    /// How it scales. Only a provisioned stream has a shard count.
    pub capacity: Capacity,
    /// How long a record stays readable after it was put.
    pub retention: RetentionHours,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

/// How a stream scales with its traffic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Capacity {
    /// AWS adds and removes shards.
    OnDemand,
    /// A fixed number of shards.
    Provisioned {
        /// Each takes up to 1 MB and 1,000 records a second in.
        shards: u16,
    },
}

/// A retention in whole hours, from 24 (a day) to 8760 (a year).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetentionHours(u16);

impl RetentionHours {
    /// One day, the shortest and what AWS gives when nothing is asked.
    pub const DAY: Self = Self(24);
    /// A week: a stage that stood still over a long weekend loses nothing.
    pub const WEEK: Self = Self(7 * 24);

    /// `None` when `hours` is outside 24..=8760.
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
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn<Stream> {
        self.attribute("Arn")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Stream> {
        self.reference()
    }
}

impl Encrypted<Stream> {
    /// Lets the bearer of `policy` put records on this stream, and nothing else.
    pub fn grant_put(&self, policy: &mut Policy) {
        policy.allow(PUT, self.arn());
        self.allow_encrypt(policy);
    }

    /// Lets an event source mapping read this stream for the bearer of `policy`.
    pub fn grant_read(&self, policy: &mut Policy) {
        policy.allow(READ, self.arn());
        self.allow_decrypt(policy);
    }
}
