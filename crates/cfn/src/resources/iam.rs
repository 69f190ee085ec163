//! AWS Identity and Access Management.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html>

use serde_json::{Value, json};

use crate::document::document;
use crate::{Arn, Handle, Name, Policy, Removal, Resource, Wildcards};

/// A role that AWS services assume.
#[derive(Clone, Debug)]
pub struct Role {
    /// At most 64 characters.
    pub name: Name<Role>,
    pub description: &'static str,
    /// The services that may assume the role, such as `lambda.amazonaws.com`.
    pub trusted: &'static [&'static str],
}

impl Resource for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let services = match self.trusted {
            [one] => json!(one),
            several => json!(several),
        };
        let trust = json!({"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"});
        json!({
            "RoleName": self.name,
            "Description": self.description,
            "AssumeRolePolicyDocument": document(&[trust]),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Role> {
    #[must_use]
    pub fn arn(&self) -> Arn<Role> {
        self.attribute("Arn")
    }

    #[must_use]
    pub fn name(&self) -> Name<Role> {
        self.reference()
    }
}

/// A customer managed policy on one role. Unlike an inline policy it has versions.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    /// At most 128 characters.
    pub name: Name<ManagedPolicy>,
    /// The permissions of the role.
    pub policy: Policy,
    pub role: Name<Role>,
}

impl Resource for ManagedPolicy {
    const TYPE: &'static str = "AWS::IAM::ManagedPolicy";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"ManagedPolicyName": self.name, "PolicyDocument": self.policy.to_json(), "Roles": [self.role]})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }

    fn wildcards(&self) -> Wildcards {
        self.policy.wildcards()
    }
}
