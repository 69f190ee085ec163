//! A warehouse that makes sense.

use cfn::Name;
use cfn::resources::ec2::{ClientNetwork, SecurityGroup, Subnet, Vpc, VpcCidr};
use cfn::resources::redshift::{Nodes, Port};
use cfn::resources::redshift_serverless::BaseCapacity;

/// What analysts ask.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Warehouse {
    /// PostgreSQL on this machine behind the Redshift Data API.
    Local,
    /// A provisioned Redshift cluster.
    Cluster {
        /// How large it is.
        nodes: Nodes,
        /// Where it is.
        place: Place,
        /// How analysts get there.
        access: ClusterAccess,
    },
    /// A Redshift Serverless workgroup.
    Serverless {
        /// What it begins with.
        capacity: BaseCapacity,
        /// Where it is.
        place: Place,
        /// How analysts get there.
        access: ServerlessAccess,
    },
}

/// Where a warehouse is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// In which network.
    pub network: Network,
    /// Where it listens.
    pub port: Port,
}

/// The network of a warehouse.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Network {
    /// One of its own.
    Own {
        /// Its addresses: others than those of networks that are to be connected with it.
        cidr: VpcCidr,
    },
    /// One that is there: a region has room for five. Its subnets need a way to S3.
    Shared {
        /// Which one.
        vpc: Name<Vpc>,
        /// In three zones.
        subnets: [Name<Subnet>; 3],
        /// Whose members may connect.
        clients: Option<Name<SecurityGroup>>,
    },
}

/// How analysts get to a cluster. Through the Data API they always do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClusterAccess {
    /// From within its network.
    Private,
    /// By a private address in their own network.
    Endpoint {
        /// Their network.
        vpc: Name<Vpc>,
        /// Where the address is.
        subnets: Vec<Name<Subnet>>,
        /// Which networks may connect to it.
        clients: Vec<ClientNetwork>,
    },
    /// Over the internet, with TLS.
    Public {
        /// Which networks may connect.
        clients: Vec<ClientNetwork>,
    },
}

/// How analysts get to a serverless workgroup. Through the Data API they always do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerlessAccess {
    /// From within its network.
    Private,
    /// Over the internet, with TLS.
    Public {
        /// Which networks may connect.
        clients: Vec<ClientNetwork>,
    },
}

impl Warehouse {
    /// The networks that may connect over the internet. `None` when it cannot be reached from there.
    #[must_use]
    pub fn public_clients(&self) -> Option<&[ClientNetwork]> {
        match self {
            Self::Cluster {
                access: ClusterAccess::Public { clients },
                ..
            }
            | Self::Serverless {
                access: ServerlessAccess::Public { clients },
                ..
            } => Some(clients),
            Self::Local | Self::Cluster { .. } | Self::Serverless { .. } => None,
        }
    }
}
