//! Connections of Glue to a warehouse.

use serde_json::{Value, json};

use crate::resources::ec2::{SecurityGroup, Subnet};
use crate::resources::redshift::Database;
use crate::resources::secretsmanager::LoginSecret;
use crate::{Arn, Name, Removal, Resource, Val, account_id, text};

/// A connection to a Redshift warehouse over TLS, with a login from a secret.
#[derive(Clone, Debug)]
pub struct Connection {
    pub name: Name<Connection>,
    pub description: &'static str,
    pub host: Val<String>,
    pub port: Val<String>,
    pub database: Name<Database>,
    pub login: Arn<LoginSecret>,
    /// The subnet in which Glue's workers run.
    pub subnet: Name<Subnet>,
    /// The availability zone of the subnet, which Glue requires in addition.
    pub zone: Option<Val<String>>,
    /// The security group of the workers. It must allow traffic between them.
    pub group: Name<SecurityGroup>,
}

impl Resource for Connection {
    const TYPE: &'static str = "AWS::Glue::Connection";
    // Tags are left out: the schemas of some regions do not have them, and others disagree about their form.
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        let address = text![&self.host, ":", &self.port, "/", &self.database];
        json!({
            "CatalogId": account_id(),
            "ConnectionInput": {
                "Name": self.name,
                "Description": self.description,
                "ConnectionType": "JDBC",
                "ConnectionProperties": {
                    "JDBC_CONNECTION_URL": text!["jdbc:redshift://", address],
                    "JDBC_ENFORCE_SSL": "true",
                    "SECRET_ID": self.login,
                },
                "PhysicalConnectionRequirements": {
                    "SubnetId": self.subnet,
                    "AvailabilityZone": self.zone,
                    "SecurityGroupIdList": [self.group],
                },
            },
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
