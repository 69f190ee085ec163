//! VPC flow logs.

use serde_json::{Value, json};

use super::vpc::Vpc;
use crate::resources::s3::{Bucket, LogDelivery};
use crate::{Arn, Name, Removal, Resource, text};

/// A log of all connections of a VPC, delivered to a bucket, for which it needs no role. It must depend on
/// the bucket's policy.
#[derive(Clone, Debug)]
pub struct FlowLog {
    pub vpc: Name<Vpc>,
    /// The destination. Its policy must contain [`FlowLog::delivery`].
    pub bucket: Arn<Bucket>,
    /// Prefix of the log's keys.
    pub prefix: &'static str,
}

impl FlowLog {
    /// Returns the delivery of this account's flow logs under `prefix`, for the bucket's policy.
    ///
    /// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html>
    #[must_use]
    pub fn delivery(prefix: &'static str) -> LogDelivery {
        let place = text![crate::region(), ":", crate::account_id()];
        LogDelivery {
            sids: ["FlowLogOwner", "FlowLog"],
            service: "delivery.logs.amazonaws.com",
            source: text!["arn:", crate::partition(), ":logs:", place, ":*"],
            prefix,
        }
    }
}

impl Resource for FlowLog {
    const TYPE: &'static str = "AWS::EC2::FlowLog";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "ResourceType": "VPC",
            "ResourceId": self.vpc,
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": text![&self.bucket, "/", self.prefix],
            "MaxAggregationInterval": 600,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
