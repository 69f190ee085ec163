//! The settings of API Gateway for an account and region.

use serde_json::{Value, json};

use crate::document::document;
use crate::resources::iam::Role;
use crate::{Arn, Handle, Name, Removal, Resource, text};

/// The role with which API Gateway writes the logs of every API in this account and region. It is kept when
/// its stack is deleted, because other APIs use it.
///
/// API Gateway verifies a role before it accepts it. The role has the AWS managed policy that is documented
/// for this purpose.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
#[derive(Clone, Debug)]
pub struct LoggingRole {
    /// At most 64 characters. Roles are global in an account, so the name contains the region.
    pub name: Name<Role>,
}

impl Resource for LoggingRole {
    const TYPE: &'static str = "AWS::IAM::Role";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let trust = json!({
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "sts:AssumeRole",
        });
        let policy = text![
            "arn:",
            crate::partition(),
            ":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
        ];
        json!({
            "RoleName": self.name,
            "Description": "API Gateway: the logs of every API of this region",
            "AssumeRolePolicyDocument": document(&[trust]),
            "ManagedPolicyArns": [policy],
        })
    }

    fn removal(&self) -> Removal {
        Removal::Retain
    }
}

impl Handle<LoggingRole> {
    #[must_use]
    pub fn arn(&self) -> Arn<Role> {
        self.attribute("Arn")
    }
}

/// The settings of API Gateway for this account and region. There is only one; it is kept when its stack is
/// deleted.
#[derive(Clone, Debug)]
pub struct Account {
    /// The role that writes logs.
    pub logging_role: Arn<Role>,
}

impl Resource for Account {
    const TYPE: &'static str = "AWS::ApiGateway::Account";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"CloudWatchRoleArn": self.logging_role})
    }

    fn removal(&self) -> Removal {
        Removal::Retain
    }
}
