//! AWS Identity and Access Management.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html>

use serde_json::{Value, json};

use crate::document::document;
use crate::{Arn, Handle, Name, Policy, Removal, Resource, Wildcards};

/// An identity that a service takes on.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name, at most 64 characters.
    pub name: Name<Role>,
    /// What it is for.
    pub description: &'static str,
    /// Which services take it on, such as `lambda.amazonaws.com`.
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
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn<Role> {
        self.attribute("Arn")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Role> {
        self.reference()
    }
}

/// A customer managed policy on one role. It has versions, which an inline policy has not.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    /// Its name, at most 128 characters.
    pub name: Name<ManagedPolicy>,
    /// What the role may do.
    pub policy: Policy,
    /// Whose it is.
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
