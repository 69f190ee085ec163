//! The validated settings of a warehouse.

use cfn::Name;
use cfn::resources::ec2::{ClientNetwork, SecurityGroup, Subnet, Vpc, VpcCidr};
use cfn::resources::redshift::{Nodes, Port};
use cfn::resources::redshift_serverless::BaseCapacity;

/// The warehouse of an environment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Warehouse {
    /// PostgreSQL on this machine, behind the local Redshift Data API.
    Local,
    /// A provisioned Redshift cluster.
    Cluster {
        nodes: Nodes,
        place: Place,
        /// How analysts connect.
        access: ClusterAccess,
    },
    /// A Redshift Serverless workgroup.
    Serverless {
        /// The base capacity.
        capacity: BaseCapacity,
        place: Place,
        /// How analysts connect.
        access: ServerlessAccess,
    },
}

/// Network and port of a warehouse.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    pub network: Network,
    pub port: Port,
}

/// The network of a warehouse.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Network {
    /// A network of its own.
    Own {
        /// Its addresses. They must not overlap with those of networks that will be connected with it.
        cidr: VpcCidr,
    },
    /// An existing network, since a region has a default quota of five. Its subnets need a route to S3.
    Shared {
        vpc: Name<Vpc>,
        /// Three subnets in different availability zones.
        subnets: [Name<Subnet>; 3],
        /// The security group whose members may connect.
        clients: Option<Name<SecurityGroup>>,
    },
}

/// How analysts connect to a cluster. The Data API is always available.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClusterAccess {
    /// From within its network.
    Private,
    /// Through an endpoint in their own network.
    Endpoint {
        /// The network of the analysts.
        vpc: Name<Vpc>,
        /// The subnets of the endpoint.
        subnets: Vec<Name<Subnet>>,
        /// The networks that may connect to the endpoint.
        clients: Vec<ClientNetwork>,
    },
    /// Over the internet, with TLS.
    Public {
        /// The networks that may connect.
        clients: Vec<ClientNetwork>,
    },
}

/// How analysts connect to a serverless workgroup. The Data API is always available.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerlessAccess {
    /// From within its network.
    Private,
    /// Over the internet, with TLS.
    Public {
        /// The networks that may connect.
        clients: Vec<ClientNetwork>,
    },
}

impl Warehouse {
    /// Returns the networks that may connect over the internet; `None` if the warehouse is private.
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
