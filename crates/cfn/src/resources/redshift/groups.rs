//! Subnet groups and parameter groups of clusters.

use serde_json::{Value, json};

use crate::resources::ec2::Subnet;
use crate::{Handle, Name, Removal, Resource};

/// The subnets in which a cluster, or an endpoint of one, may be placed.
#[derive(Clone, Debug)]
pub struct ClusterSubnetGroup {
    pub description: &'static str,
    /// In several zones, so that a cluster can move.
    pub subnets: Vec<Name<Subnet>>,
}

impl Resource for ClusterSubnetGroup {
    const TYPE: &'static str = "AWS::Redshift::ClusterSubnetGroup";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({"Description": self.description, "SubnetIds": self.subnets})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<ClusterSubnetGroup> {
    /// The name, which AWS generates.
    #[must_use]
    pub fn name(&self) -> Name<ClusterSubnetGroup> {
        self.reference()
    }
}

/// The parameters of a cluster: TLS is required, and all statements are written to the audit log.
#[derive(Clone, Copy, Debug)]
pub struct ClusterParameterGroup {
    /// What the group is for. Changing it replaces the group.
    pub description: &'static str,
}

impl Resource for ClusterParameterGroup {
    const TYPE: &'static str = "AWS::Redshift::ClusterParameterGroup";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let on = |name| json!({"ParameterName": name, "ParameterValue": "true"});
        json!({
            "Description": self.description,
            "ParameterGroupFamily": "redshift-1.0",
            "Parameters": [on("enable_user_activity_logging"), on("require_ssl")],
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<ClusterParameterGroup> {
    /// The name, which AWS generates.
    #[must_use]
    pub fn name(&self) -> Name<ClusterParameterGroup> {
        self.reference()
    }
}
