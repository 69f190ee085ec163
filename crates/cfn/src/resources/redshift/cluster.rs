//! A provisioned cluster.

use serde_json::{Value, json};

use super::access::Database;
use super::groups::{ClusterParameterGroup, ClusterSubnetGroup};
use super::port::Port;
use super::size::Nodes;
use crate::resources::ec2::SecurityGroup;
use crate::resources::iam::Role;
use crate::resources::kms::Key;
use crate::resources::s3::{Bucket, LogDelivery};
use crate::resources::secretsmanager::LoginSecret;
use crate::{Arn, Handle, Name, Profile, Removal, Resource, Val};

/// Retention in days of automated snapshots in production; the maximum is 35.
const SNAPSHOT_DAYS: u8 = 14;

/// A cluster. Redshift generates its administrator's password, stores it in a secret and rotates it.
///
/// Its logical id, identifier and database name are permanent: changing one of them loses the data.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// At most 63 lower-case letters, digits and hyphens.
    pub identifier: Name<Cluster>,
    /// The database that is created with the cluster.
    pub database: Name<Database>,
    /// The administrator's name. Not `awsuser`, which attackers try first.
    pub admin: &'static str,
    pub nodes: Nodes,
    pub port: Port,
    pub subnets: Name<ClusterSubnetGroup>,
    /// The security groups, which restrict who may connect.
    pub groups: Vec<Name<SecurityGroup>>,
    pub parameters: Name<ClusterParameterGroup>,
    /// The role with which the cluster reads and writes S3.
    pub role: Arn<Role>,
    /// Encrypts data, snapshots and the administrator's secret.
    pub key: Arn<Key>,
    /// The log of connections and statements.
    pub audit_log: AuditLog,
    /// Whether it can be reached from outside its network.
    pub reach: Reach,
    /// Whether a final snapshot is kept, and for how long automated snapshots are kept.
    pub profile: Profile,
}

/// The destination of a cluster's audit log. The bucket must use SSE-S3, and its policy must contain
/// [`AuditLog::delivery`].
#[derive(Clone, Debug)]
pub struct AuditLog {
    pub bucket: Name<Bucket>,
    /// Prefix of the log's keys.
    pub prefix: &'static str,
}

impl AuditLog {
    /// Returns the delivery of the log of the cluster `identifier` under `prefix`, for the bucket's policy.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html>
    #[must_use]
    pub fn delivery(identifier: &Name<Cluster>, prefix: &'static str) -> LogDelivery {
        LogDelivery {
            sids: ["AuditLogOwner", "AuditLog"],
            service: "redshift.amazonaws.com",
            source: Arn::<Cluster>::of(identifier).text(),
            prefix,
        }
    }
}

/// Whether a warehouse can be reached from outside its network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Reachable only from within the network. Such a cluster can move to another zone when its own fails.
    Private,
    /// Also reachable by a public address. Such a cluster cannot move to another zone.
    Public,
}

impl Cluster {
    const fn snapshot_days(&self) -> u8 {
        match self.profile {
            Profile::Production => SNAPSHOT_DAYS,
            Profile::Ephemeral => 1,
        }
    }
}

impl Resource for Cluster {
    const TYPE: &'static str = "AWS::Redshift::Cluster";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let several = self.nodes.several();
        json!({
            "ClusterIdentifier": self.identifier,
            "DBName": self.database,
            "MasterUsername": self.admin,
            "ManageMasterPassword": true,
            "MasterPasswordSecretKmsKeyId": self.key,
            "NodeType": self.nodes.kind().as_str(),
            "ClusterType": if several.is_some() { "multi-node" } else { "single-node" },
            "NumberOfNodes": several,
            "Port": self.port,
            "ClusterSubnetGroupName": self.subnets,
            "VpcSecurityGroupIds": self.groups,
            "ClusterParameterGroupName": self.parameters,
            "IamRoles": [self.role],
            "Encrypted": true,
            "KmsKeyId": self.key,
            "EnhancedVpcRouting": true,
            "PubliclyAccessible": self.reach == Reach::Public,
            "AvailabilityZoneRelocation": self.reach == Reach::Private,
            "LoggingProperties": {"BucketName": self.audit_log.bucket, "S3KeyPrefix": self.audit_log.prefix},
            "AllowVersionUpgrade": true,
            "AutomatedSnapshotRetentionPeriod": self.snapshot_days(),
            "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
        })
    }

    fn removal(&self) -> Removal {
        match self.profile {
            Profile::Production => Removal::Snapshot,
            Profile::Ephemeral => Removal::Delete,
        }
    }
}

impl Handle<Cluster> {
    #[must_use]
    pub fn identifier(&self) -> Name<Cluster> {
        self.reference()
    }

    /// Returns the host name, without the port.
    #[must_use]
    pub fn host(&self) -> Val<String> {
        self.attribute("Endpoint.Address")
    }

    /// Returns the secret of the administrator.
    #[must_use]
    pub fn admin_secret(&self) -> Arn<LoginSecret> {
        self.attribute("MasterPasswordSecretArn")
    }
}
