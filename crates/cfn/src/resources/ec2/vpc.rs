//! A network of one's own.

use serde_json::{Value, json};

use super::cidr::{Cidr, VpcCidr};
use crate::{Handle, Name, Removal, Resource, Val};

/// A virtual private cloud with the DNS of AWS. An account has room for five in a region until it asks for more.
///
/// Its default security group cannot be emptied in a template, so nothing is ever put into it.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
#[derive(Clone, Copy, Debug)]
pub struct Vpc {
    /// Its addresses.
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
    /// Its id.
    #[must_use]
    pub fn vpc_id(&self) -> Name<Vpc> {
        self.reference()
    }
}

/// A part of a network in one availability zone. What starts there gets no public address by itself.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Whose part it is.
    pub vpc: Name<Vpc>,
    /// Its addresses.
    pub cidr: Cidr,
    /// Which of the zones that the account sees in the region, counted from 0.
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
    /// Its id.
    #[must_use]
    pub fn subnet_id(&self) -> Name<Subnet> {
        self.reference()
    }

    /// The name of its availability zone, such as `eu-west-1a`.
    #[must_use]
    pub fn zone(&self) -> Val<String> {
        self.attribute("AvailabilityZone")
    }
}
