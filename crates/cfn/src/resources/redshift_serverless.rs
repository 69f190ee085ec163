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

/// What is written down: who connects, who may, and what they run.
pub const AUDIT_LOGS: [&str; 3] = ["connectionlog", "useractivitylog", "userlog"];

/// Databases and users: what stays while nothing runs.
///
/// Its administrator's password comes from a secret of the stack. Redshift would make and rotate one itself, but
/// CloudFormation does not say which it is, so nothing could log in with it.
///
/// Source: <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2021>
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name, 3 to 64 lower-case letters, digits and hyphens.
    pub name: Name<Namespace>,
    /// The database it begins with.
    pub database: Name<Database>,
    /// Its administrator: not `admin`, which everybody tries.
    pub admin: &'static str,
    /// The administrator's password.
    pub secret: Handle<LoginSecret>,
    /// With which role it reads and writes S3.
    pub role: Arn<Role>,
    /// What its data and its snapshots are encrypted with.
    pub key: Arn<Key>,
    /// Whether it outlives its stack.
    pub profile: Profile,
}

impl Namespace {
    /// The log group of one of [`AUDIT_LOGS`] of the namespace called `name`.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Namespace> {
        self.reference()
    }
}

/// The processing units that a workgroup begins with: 4, or 8 to 1024 by eights.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-capacity.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct BaseCapacity(u16);

/// A number that is no such capacity.
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

/// What runs the statements of a namespace, and costs nothing while there are none.
#[derive(Clone, Debug)]
pub struct Workgroup {
    /// Its name, 3 to 64 lower-case letters, digits and hyphens.
    pub name: Name<Workgroup>,
    /// Whose statements.
    pub namespace: Name<Namespace>,
    /// How much it begins with.
    pub capacity: BaseCapacity,
    /// Where it listens.
    pub port: Port,
    /// Where it is: Redshift asks for three, in as many zones.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html>
    pub subnets: [Name<Subnet>; 3],
    /// Who may talk to it.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Workgroup> {
        self.reference()
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn<Workgroup> {
        self.attribute("Workgroup.WorkgroupArn")
    }

    /// Where it is reached, without the port.
    #[must_use]
    pub fn host(&self) -> Val<String> {
        self.attribute("Workgroup.Endpoint.Address")
    }
}

impl Arn<Workgroup> {
    /// Lets the bearer of `policy` run SQL on this workgroup, as the database user that is named for its role.
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
    fn a_capacity_is_four_or_goes_by_eights() {
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
