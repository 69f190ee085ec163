//! A way into a network, to a warehouse that is there.

use serde_json::{Value, json};

use crate::resources::ec2::{SecurityGroup, Subnet};
use crate::resources::redshift::Database;
use crate::resources::secretsmanager::LoginSecret;
use crate::{Arn, Name, Removal, Resource, Val, account_id, text};

/// A connection to a Redshift warehouse, with TLS and a login from a secret.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name.
    pub name: Name<Connection>,
    /// What it is for.
    pub description: &'static str,
    /// Where the warehouse is reached.
    pub host: Val<String>,
    /// At which port.
    pub port: Val<String>,
    /// Which database.
    pub database: Name<Database>,
    /// Who logs in.
    pub login: Arn<LoginSecret>,
    /// Where Glue's workers are.
    pub subnet: Name<Subnet>,
    /// The subnet's zone, which Glue asks for beside it.
    pub zone: Option<Val<String>>,
    /// What the workers may talk to: each other among it.
    pub group: Name<SecurityGroup>,
}

impl Resource for Connection {
    const TYPE: &'static str = "AWS::Glue::Connection";
    // Some regions' schemas know no tags of it, and others disagree about their shape.
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
