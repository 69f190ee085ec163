//! Amazon Redshift Serverless.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_RedshiftServerless.html>

use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::ec2::{SecurityGroup, Subnet};
use super::iam::Role;
use super::kms::Key;
use super::redshift::{Database, Port, RUN, Reach, grant_follow};
use super::secretsmanager::LoginSecret;
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource, Val};

/// The audit logs: connections, users and their changes, statements.
pub const AUDIT_LOGS: [&str; 3] = ["connectionlog", "useractivitylog", "userlog"];

/// A namespace: the databases and users of a serverless warehouse.
///
/// The administrator's password comes from a secret of the stack. Redshift can create and rotate one itself,
/// but CloudFormation does not return its ARN, so nothing could log in with it.
///
/// Source: <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2021>
#[derive(Clone, Debug)]
pub struct Namespace {
    /// 3 to 64 lower-case letters, digits and hyphens.
    pub name: Name<Namespace>,
    /// The database that is created with the namespace.
    pub database: Name<Database>,
    /// The administrator's name. Not `admin`, which attackers try first.
    pub admin: &'static str,
    /// The administrator's password.
    pub secret: Handle<LoginSecret>,
    /// The role with which the warehouse reads and writes S3.
    pub role: Arn<Role>,
    /// Encrypts data and snapshots.
    pub key: Arn<Key>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

impl Namespace {
    /// Returns the name of the log group for `log`, one of [`AUDIT_LOGS`], of the namespace `name`.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-audit-logging.html>
    #[must_use]
    pub fn log_group(name: &str, log: &str) -> String {
        format!("/aws/redshift/{name}/{log}")
    }
}

impl Resource for Namespace {
    const TYPE: &'static str = "AWS::RedshiftServerless::Namespace";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "NamespaceName": self.name,
            "DbName": self.database,
            "AdminUsername": self.admin,
            "AdminUserPassword": self.secret.password(),
            "KmsKeyId": self.key,
            "DefaultIamRoleArn": self.role,
            "IamRoles": [self.role],
            "LogExports": AUDIT_LOGS,
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<Namespace> {
    #[must_use]
    pub fn name(&self) -> Name<Namespace> {
        self.reference()
    }
}

/// The base capacity of a workgroup in RPU: 4, or a multiple of 8 from 8 to 1024.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-capacity.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct BaseCapacity(u16);

/// The number is not a valid base capacity.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("use 4, or a multiple of 8 up to 1024")]
pub struct BaseCapacityError;

impl TryFrom<u16> for BaseCapacity {
    type Error = BaseCapacityError;

    fn try_from(units: u16) -> Result<Self, Self::Error> {
        match units {
            4 => Ok(Self(units)),
            8..=1024 if units.is_multiple_of(8) => Ok(Self(units)),
            _ => Err(BaseCapacityError),
        }
    }
}

/// A workgroup: the compute of a namespace. It costs nothing while no statement runs.
#[derive(Clone, Debug)]
pub struct Workgroup {
    /// 3 to 64 lower-case letters, digits and hyphens.
    pub name: Name<Workgroup>,
    pub namespace: Name<Namespace>,
    pub capacity: BaseCapacity,
    pub port: Port,
    /// Redshift requires three subnets in different availability zones.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html>
    pub subnets: [Name<Subnet>; 3],
    /// The security groups, which restrict who may connect.
    pub groups: Vec<Name<SecurityGroup>>,
    /// Whether it can be reached from outside its network.
    pub reach: Reach,
    /// The most seconds that a statement may run: Redshift aborts it then.
    pub statement_seconds: u32,
}

impl Resource for Workgroup {
    const TYPE: &'static str = "AWS::RedshiftServerless::Workgroup";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let set = |name, value: &str| json!({"ParameterKey": name, "ParameterValue": value});
        json!({
            "WorkgroupName": self.name,
            "NamespaceName": self.namespace,
            "BaseCapacity": self.capacity,
            "Port": self.port,
            "SubnetIds": self.subnets,
            "SecurityGroupIds": self.groups,
            "EnhancedVpcRouting": true,
            "PubliclyAccessible": self.reach == Reach::Public,
            "ConfigParameters": [
                set("enable_user_activity_logging", "true"),
                set("max_query_execution_time", &self.statement_seconds.to_string()),
                set("require_ssl", "true"),
            ],
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Workgroup> {
    #[must_use]
    pub fn name(&self) -> Name<Workgroup> {
        self.reference()
    }

    #[must_use]
    pub fn arn(&self) -> Arn<Workgroup> {
        self.attribute("Workgroup.WorkgroupArn")
    }

    /// Returns the host name, without the port.
    #[must_use]
    pub fn host(&self) -> Val<String> {
        self.attribute("Workgroup.Endpoint.Address")
    }
}

impl Arn<Workgroup> {
    /// Allows the role with `policy` to run SQL on this workgroup, as the database user that is named after
    /// the role.
    pub fn grant_sql(&self, policy: &mut Policy) {
        policy.allow(RUN, self);
        policy.allow(&["redshift-serverless:GetCredentials"], self);
        grant_follow(policy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_is_four_or_a_multiple_of_eight() {
        for units in [4, 8, 512, 1024] {
            assert!(BaseCapacity::try_from(units).is_ok(), "{units}");
        }
        for units in [0, 5, 12, 1032] {
            assert_eq!(
                BaseCapacity::try_from(units),
                Err(BaseCapacityError),
                "{units}"
            );
        }
    }
}
