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
    /// Returns the name, which AWS generates.
    #[must_use]
    pub fn name(&self) -> Name<ClusterSubnetGroup> {
        self.reference()
    }
}

/// The parameters of a cluster: TLS is required, all statements are written to the audit log, and their time is limited.
#[derive(Clone, Copy, Debug)]
pub struct ClusterParameterGroup {
    /// What the group is for. Changing it replaces the group.
    pub description: &'static str,
    /// The most seconds that a statement may run, at most 86,399: Redshift aborts it then. A user who lifts
    /// `statement_timeout` does not lift this.
    pub statement_seconds: u32,
}

impl Resource for ClusterParameterGroup {
    const TYPE: &'static str = "AWS::Redshift::ClusterParameterGroup";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let set = |name, value: &str| json!({"ParameterName": name, "ParameterValue": value});
        json!({
            "Description": self.description,
            "ParameterGroupFamily": "redshift-1.0",
            "Parameters": [
                set("enable_user_activity_logging", "true"),
                set("require_ssl", "true"),
                set("wlm_json_configuration", &self.workload().to_string()),
            ],
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl ClusterParameterGroup {
    /// One queue, which Redshift manages, with a query monitoring rule.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/workload-mgmt-config.html>
    fn workload(&self) -> Value {
        json!([{
            "auto_wlm": true,
            "queue_type": "auto",
            "rules": [{
                "rule_name": "statement_seconds",
                "predicate": [{
                    "metric_name": "query_execution_time",
                    "operator": ">",
                    "value": self.statement_seconds,
                }],
                "action": "abort",
            }],
        }])
    }
}

impl Handle<ClusterParameterGroup> {
    /// Returns the name, which AWS generates.
    #[must_use]
    pub fn name(&self) -> Name<ClusterParameterGroup> {
        self.reference()
    }
}
