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

/// For how many days the snapshots that AWS takes are kept where data is worth it; 35 is the most.
const SNAPSHOT_DAYS: u8 = 14;

/// A cluster whose administrator's password Redshift makes, keeps in a secret and rotates.
///
/// Its logical id and identifier are for ever: to change either, or its database's name, is to lose its data.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name, at most 63 lower-case letters, digits and hyphens.
    pub identifier: Name<Cluster>,
    /// The database it begins with.
    pub database: Name<Database>,
    /// Its administrator: not `awsuser`, which everybody knows.
    pub admin: &'static str,
    /// How large it is.
    pub nodes: Nodes,
    /// Where it listens.
    pub port: Port,
    /// Where it may be.
    pub subnets: Name<ClusterSubnetGroup>,
    /// Who may talk to it.
    pub groups: Vec<Name<SecurityGroup>>,
    /// How it is set.
    pub parameters: Name<ClusterParameterGroup>,
    /// With which role it reads and writes S3.
    pub role: Arn<Role>,
    /// What its data, its snapshots and the administrator's secret are encrypted with.
    pub key: Arn<Key>,
    /// Where it writes down who connects and what they run.
    pub audit_log: AuditLog,
    /// Whether it can be reached from outside its network.
    pub reach: Reach,
    /// Whether a snapshot stays when it goes, and how long the others are kept.
    pub profile: Profile,
}

/// Where a cluster's audit log goes. The bucket must be encrypted with the key of S3 and let [`AuditLog::delivery`] in.
#[derive(Clone, Debug)]
pub struct AuditLog {
    /// Which bucket.
    pub bucket: Name<Bucket>,
    /// How the log's keys begin.
    pub prefix: &'static str,
}

impl AuditLog {
    /// Who delivers the log of the cluster called `identifier`, below `prefix`.
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
    /// Only from within. A cluster then moves to another zone when its own fails.
    Private,
    /// By a public address too, which a cluster cannot take along to another zone.
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
    /// Its name.
    #[must_use]
    pub fn identifier(&self) -> Name<Cluster> {
        self.reference()
    }

    /// Where it is reached, without the port.
    #[must_use]
    pub fn host(&self) -> Val<String> {
        self.attribute("Endpoint.Address")
    }

    /// The secret of its administrator.
    #[must_use]
    pub fn admin_secret(&self) -> Arn<LoginSecret> {
        self.attribute("MasterPasswordSecretArn")
    }
}
