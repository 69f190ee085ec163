//! Route tables and gateways.

use serde_json::{Value, json};

use super::vpc::{Subnet, Vpc};
use crate::resources::s3::Bucket;
use crate::{
    Arn, Conditions, Handle, Name, Principal, Removal, Resource, ResourcePolicy, Wildcards,
    account_id, region, text,
};

/// A route table. Destinations within the VPC always have a route.
#[derive(Clone, Debug)]
pub struct RouteTable {
    pub vpc: Name<Vpc>,
}

impl Resource for RouteTable {
    const TYPE: &'static str = "AWS::EC2::RouteTable";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({"VpcId": self.vpc})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<RouteTable> {
    #[must_use]
    pub fn table_id(&self) -> Name<RouteTable> {
        self.reference()
    }
}

/// Associates a subnet with a route table.
#[derive(Clone, Debug)]
pub struct RouteTableAssociation {
    pub subnet: Name<Subnet>,
    pub table: Name<RouteTable>,
}

impl Resource for RouteTableAssociation {
    const TYPE: &'static str = "AWS::EC2::SubnetRouteTableAssociation";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"SubnetId": self.subnet, "RouteTableId": self.table})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

/// A gateway endpoint of S3. It is free, and allows reading of some buckets from within the account.
#[derive(Clone, Debug)]
pub struct S3Gateway {
    pub vpc: Name<Vpc>,
    pub tables: Vec<Name<RouteTable>>,
    /// The buckets that may be read through the endpoint.
    pub readable: Vec<Arn<Bucket>>,
}

impl S3Gateway {
    /// A gateway's policy cannot name roles: `*` is restricted by the condition.
    ///
    /// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
    fn policy(&self) -> ResourcePolicy {
        let own = Conditions::none().when("StringEquals", "aws:PrincipalAccount", account_id());
        let mut policy = ResourcePolicy::new();
        for bucket in &self.readable {
            policy.allow("List", &Principal::Anyone, &["s3:ListBucket"], bucket, &own);
            let objects = bucket.objects("");
            policy.allow("Read", &Principal::Anyone, &["s3:GetObject"], objects, &own);
        }
        policy
    }
}

impl Resource for S3Gateway {
    const TYPE: &'static str = "AWS::EC2::VPCEndpoint";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "VpcId": self.vpc,
            "VpcEndpointType": "Gateway",
            "ServiceName": text!["com.amazonaws.", region(), ".s3"],
            "RouteTableIds": self.tables,
            "PolicyDocument": self.policy().to_json(),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }

    fn wildcards(&self) -> Wildcards {
        self.policy().wildcards()
    }
}

/// An internet gateway.
#[derive(Clone, Copy, Debug)]
pub struct InternetGateway;

impl Resource for InternetGateway {
    const TYPE: &'static str = "AWS::EC2::InternetGateway";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<InternetGateway> {
    #[must_use]
    pub fn gateway_id(&self) -> Name<InternetGateway> {
        self.reference()
    }
}

/// Attaches an internet gateway to a VPC.
#[derive(Clone, Debug)]
pub struct GatewayAttachment {
    pub vpc: Name<Vpc>,
    pub gateway: Name<InternetGateway>,
}

impl Resource for GatewayAttachment {
    const TYPE: &'static str = "AWS::EC2::VPCGatewayAttachment";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"VpcId": self.vpc, "InternetGatewayId": self.gateway})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

/// The default route to the internet. It must depend on the gateway's attachment.
#[derive(Clone, Debug)]
pub struct DefaultRoute {
    pub table: Name<RouteTable>,
    pub gateway: Name<InternetGateway>,
}

impl Resource for DefaultRoute {
    const TYPE: &'static str = "AWS::EC2::Route";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "RouteTableId": self.table,
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": self.gateway,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
