//! Which packets went where.

use serde_json::{Value, json};

use super::vpc::Vpc;
use crate::resources::s3::{Bucket, LogDelivery};
use crate::{Arn, Name, Removal, Resource, text};

/// A list of all connections of a network, kept in a bucket, where it needs no role.
/// It must wait for the bucket's policy.
#[derive(Clone, Debug)]
pub struct FlowLog {
    /// Whose connections.
    pub vpc: Name<Vpc>,
    /// Where the list is kept. Its policy must let [`FlowLog::delivery`] in.
    pub bucket: Arn<Bucket>,
    /// How the list's keys begin.
    pub prefix: &'static str,
}

impl FlowLog {
    /// Who delivers the lists of this account and region, below `prefix`.
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
