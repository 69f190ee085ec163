//! Redshift-managed VPC endpoints.

use serde_json::{Value, json};

use super::cluster::Cluster;
use super::groups::ClusterSubnetGroup;
use crate::resources::ec2::SecurityGroup;
use crate::{Handle, Name, Removal, Resource, Val};

/// An endpoint with which clients in another network of the same account reach a cluster. It requires that
/// the cluster can move between zones, as a [`Reach::Private`](super::Reach::Private) one can.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-cross-vpc.html>
#[derive(Clone, Debug)]
pub struct EndpointAccess {
    /// At most 30 lower-case letters, digits and single hyphens.
    pub name: Name<EndpointAccess>,
    pub cluster: Name<Cluster>,
    pub subnets: Name<ClusterSubnetGroup>,
    /// The security groups, which restrict who may connect.
    pub groups: Vec<Name<SecurityGroup>>,
}

impl Resource for EndpointAccess {
    const TYPE: &'static str = "AWS::Redshift::EndpointAccess";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "EndpointName": self.name,
            "ClusterIdentifier": self.cluster,
            "SubnetGroupName": self.subnets,
            "VpcSecurityGroupIds": self.groups,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<EndpointAccess> {
    /// Returns the host name of the endpoint, without the port.
    #[must_use]
    pub fn host(&self) -> Val<String> {
        self.attribute("Address")
    }
}
