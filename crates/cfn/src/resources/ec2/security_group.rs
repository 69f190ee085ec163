//! Who may talk to whom.

use serde_json::{Value, json};

use super::cidr::ClientNetwork;
use super::vpc::Vpc;
use crate::{Handle, Name, Removal, Resource};

/// TCP ports from the first to the last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ports(u16, u16);

impl Ports {
    /// All of them, as Glue asks for between its own workers.
    pub const ALL: Self = Self(0, u16::MAX);

    /// One.
    #[must_use]
    pub const fn one(port: u16) -> Self {
        Self(port, port)
    }

    fn rule(self, description: &'static str) -> Value {
        json!({"IpProtocol": "tcp", "FromPort": self.0, "ToPort": self.1, "Description": description})
    }
}

/// A group of network interfaces: nothing comes in and nothing goes out but what its rules name.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    /// What it is for. Another text is another group.
    pub description: &'static str,
    /// Its network.
    pub vpc: Name<Vpc>,
    /// Which networks may come in.
    pub ingress: Vec<Ingress>,
    /// What may go out.
    pub egress: Egress,
}

/// Lets the machines of a network in.
#[derive(Clone, Copy, Debug)]
pub struct Ingress {
    /// Whose machines.
    pub from: ClientNetwork,
    /// Where to.
    pub ports: Ports,
    /// Why.
    pub description: &'static str,
}

/// What may go out of a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Egress {
    /// Nothing: one rule that leads nowhere, as without any AWS lets everything out.
    Nothing,
    /// HTTPS, wherever the network has a way to.
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
    /// Its id.
    #[must_use]
    pub fn group_id(&self) -> Name<SecurityGroup> {
        self.attribute("GroupId")
    }
}

/// Lets the members of one group come to those of another, or of the same.
#[derive(Clone, Debug)]
pub struct GroupIngress {
    /// To whom.
    pub group: Name<SecurityGroup>,
    /// From whom.
    pub from: Name<SecurityGroup>,
    /// Where to.
    pub ports: Ports,
    /// Why.
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

/// Lets the members of one group go to those of another, or of the same.
#[derive(Clone, Debug)]
pub struct GroupEgress {
    /// From whom.
    pub group: Name<SecurityGroup>,
    /// To whom.
    pub to: Name<SecurityGroup>,
    /// Where to.
    pub ports: Ports,
    /// Why.
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
