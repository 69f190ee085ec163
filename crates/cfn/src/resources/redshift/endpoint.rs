//! A door to a cluster in another network.

use serde_json::{Value, json};

use super::cluster::Cluster;
use super::groups::ClusterSubnetGroup;
use crate::resources::ec2::SecurityGroup;
use crate::{Handle, Name, Removal, Resource, Val};

/// A private address of a cluster in another network of the same account. It is made for clusters: the cluster
/// must be able to move between zones, which a [`Reach::Private`](super::Reach::Private) one is.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-cross-vpc.html>
#[derive(Clone, Debug)]
pub struct EndpointAccess {
    /// Its name, at most 30 lower-case letters, digits and single hyphens.
    pub name: Name<EndpointAccess>,
    /// Of which cluster.
    pub cluster: Name<Cluster>,
    /// Where it is.
    pub subnets: Name<ClusterSubnetGroup>,
    /// Who may talk to it.
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
    /// Where the cluster is reached from there, without the port.
    #[must_use]
    pub fn host(&self) -> Val<String> {
        self.attribute("Address")
    }
}
