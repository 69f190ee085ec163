//! VPCs and subnets.

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::cidr::VpcCidr;
use crate::{Handle, Name, Removal, Resource, Val};

/// A VPC with AWS's DNS. The default quota is five VPCs in a region.
///
/// Its default security group cannot be emptied by a template, so nothing uses it.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
#[derive(Clone, Copy, Debug)]
pub struct Vpc {
    pub cidr: VpcCidr,
}

impl Resource for Vpc {
    const TYPE: &'static str = "AWS::EC2::VPC";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({"CidrBlock": self.cidr, "EnableDnsHostnames": true, "EnableDnsSupport": true})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Vpc> {
    #[must_use]
    pub fn vpc_id(&self) -> Name<Vpc> {
        self.reference()
    }
}

/// A subnet in one availability zone. Instances get no public address automatically.
#[derive(Clone, Debug)]
pub struct Subnet {
    pub vpc: Name<Vpc>,
    pub cidr: Ipv4Net,
    /// The index of the availability zone among those of the account in the region, from 0.
    pub zone: u8,
}

impl Resource for Subnet {
    const TYPE: &'static str = "AWS::EC2::Subnet";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "VpcId": self.vpc,
            "CidrBlock": self.cidr,
            "AvailabilityZone": {"Fn::Select": [self.zone, {"Fn::GetAZs": ""}]},
            "MapPublicIpOnLaunch": false,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Subnet> {
    #[must_use]
    pub fn subnet_id(&self) -> Name<Subnet> {
        self.reference()
    }

    /// Returns the name of the availability zone, such as `eu-west-1a`.
    #[must_use]
    pub fn zone(&self) -> Val<String> {
        self.attribute("AvailabilityZone")
    }
}
