//! The ways out of a network.

use serde_json::{Value, json};

use super::vpc::{Subnet, Vpc};
use crate::resources::s3::Bucket;
use crate::{
    Arn, Conditions, Handle, Name, Principal, Removal, Resource, ResourcePolicy, Wildcards,
    account_id, region, text,
};

/// Where packets go, by their destination. Within its network they always find their way.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Whose it is.
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
    /// Its id.
    #[must_use]
    pub fn table_id(&self) -> Name<RouteTable> {
        self.reference()
    }
}

/// Makes a subnet go by a route table.
#[derive(Clone, Debug)]
pub struct RouteTableAssociation {
    /// Which subnet.
    pub subnet: Name<Subnet>,
    /// Which table.
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

/// The way to S3 that costs nothing, for reading some buckets from within the account.
#[derive(Clone, Debug)]
pub struct S3Gateway {
    /// Out of which network.
    pub vpc: Name<Vpc>,
    /// For which subnets.
    pub tables: Vec<Name<RouteTable>>,
    /// What may be read through it.
    pub readable: Vec<Arn<Bucket>>,
}

impl S3Gateway {
    /// A gateway's policy names no roles: `*` is whoever the condition leaves.
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

/// The way to and from the internet.
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
    /// Its id.
    #[must_use]
    pub fn gateway_id(&self) -> Name<InternetGateway> {
        self.reference()
    }
}

/// Connects a network with the internet.
#[derive(Clone, Debug)]
pub struct GatewayAttachment {
    /// Which network.
    pub vpc: Name<Vpc>,
    /// By which gateway.
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

/// Sends everything that has no nearer way to the internet. It must wait for the gateway's attachment.
#[derive(Clone, Debug)]
pub struct DefaultRoute {
    /// For which subnets.
    pub table: Name<RouteTable>,
    /// By which gateway.
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
