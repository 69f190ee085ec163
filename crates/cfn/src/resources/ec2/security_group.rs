//! Security groups and their rules.

use serde_json::{Value, json};

use super::cidr::ClientNetwork;
use super::vpc::Vpc;
use crate::{Handle, Name, Removal, Resource};

/// A range of TCP ports, from the first to the last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ports(u16, u16);

impl Ports {
    /// All ports, as Glue requires between its workers.
    pub const ALL: Self = Self(0, u16::MAX);

    /// Returns a single port.
    #[must_use]
    pub const fn one(port: u16) -> Self {
        Self(port, port)
    }

    fn rule(self, description: &'static str) -> Value {
        json!({"IpProtocol": "tcp", "FromPort": self.0, "ToPort": self.1, "Description": description})
    }
}

/// A security group. Only traffic that its rules name is allowed, in both directions.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    /// What the group is for. Changing it replaces the group.
    pub description: &'static str,
    pub vpc: Name<Vpc>,
    /// Rules for incoming traffic.
    pub ingress: Vec<Ingress>,
    /// Outgoing traffic.
    pub egress: Egress,
}

/// Allows incoming traffic from a network.
#[derive(Clone, Copy, Debug)]
pub struct Ingress {
    pub from: ClientNetwork,
    pub ports: Ports,
    pub description: &'static str,
}

/// The outgoing traffic of a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Egress {
    /// None. Written as one rule without effect, because without any rule AWS allows all outgoing traffic.
    Nothing,
    /// HTTPS to every address that the network has a route to.
    Https,
}

impl Egress {
    fn rules(self) -> Value {
        let (network, ports, description) = match self {
            Self::Nothing => ("127.0.0.1/32", Ports::one(443), "Nothing goes out"),
            Self::Https => (
                "0.0.0.0/0",
                Ports::one(443),
                "HTTPS, by the ways that the network has",
            ),
        };
        let mut rule = ports.rule(description);
        rule["CidrIp"] = json!(network);
        json!([rule])
    }
}

impl Resource for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let ingress: Vec<_> = self
            .ingress
            .iter()
            .map(|rule| {
                let mut written = rule.ports.rule(rule.description);
                written["CidrIp"] = json!(rule.from);
                written
            })
            .collect();
        json!({
            "GroupDescription": self.description,
            "VpcId": self.vpc,
            "SecurityGroupIngress": (!ingress.is_empty()).then_some(ingress),
            "SecurityGroupEgress": self.egress.rules(),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<SecurityGroup> {
    #[must_use]
    pub fn group_id(&self) -> Name<SecurityGroup> {
        self.attribute("GroupId")
    }
}

/// Allows incoming traffic from another security group, or from the same one.
#[derive(Clone, Debug)]
pub struct GroupIngress {
    pub group: Name<SecurityGroup>,
    pub from: Name<SecurityGroup>,
    pub ports: Ports,
    pub description: &'static str,
}

impl Resource for GroupIngress {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupIngress";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        let mut rule = self.ports.rule(self.description);
        rule["GroupId"] = json!(self.group);
        rule["SourceSecurityGroupId"] = json!(self.from);
        rule
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

/// Allows outgoing traffic to another security group, or to the same one.
#[derive(Clone, Debug)]
pub struct GroupEgress {
    pub group: Name<SecurityGroup>,
    pub to: Name<SecurityGroup>,
    pub ports: Ports,
    pub description: &'static str,
}

impl Resource for GroupEgress {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupEgress";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        let mut rule = self.ports.rule(self.description);
        rule["GroupId"] = json!(self.group);
        rule["DestinationSecurityGroupId"] = json!(self.to);
        rule
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
