//! Functions and their resource policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::resources::iam::Role;
use crate::resources::kms::Key;
use crate::resources::logs::LogGroup;
use crate::resources::s3::Bucket;
use crate::resources::sqs::Queue;
use crate::{Arn, Handle, Name, Policy, Removal, Resource, Val};

const INVOKE: &[&str] = &["lambda:InvokeFunction"];

/// A function in a zip file whose `bootstrap` implements Lambda's runtime API.
#[derive(Clone, Debug)]
pub struct Function {
    /// At most 64 characters.
    pub name: Name<Function>,
    pub description: &'static str,
    pub role: Arn<Role>,
    pub code: Code,
    /// The processor architecture of its binary.
    pub architecture: Architecture,
    /// Memory in MB, 128 to 10,240. At 1,769 MB a function has one full CPU.
    pub memory_mb: u16,
    /// At most 900.
    pub timeout_seconds: u16,
    /// Environment variables. They must not contain secrets: whoever may describe the function can read them.
    pub environment: BTreeMap<&'static str, Val<String>>,
    /// Encrypts `environment`.
    pub key: Arn<Key>,
    pub log_group: Name<LogGroup>,
    /// Whether calls are traced with X-Ray.
    pub traced: bool,
    /// The maximum number of concurrent calls, which are also reserved for this function; `None`: unreserved.
    /// An account must keep 100 unreserved, so an account with the initial quota of 10 accepts no
    /// reservation.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
    pub reserved_concurrency: Option<u16>,
    /// Receives asynchronous calls that failed three times. The role must be allowed to send to it.
    pub dead_letters: Option<Arn<Queue>>,
}

/// The location of a function's zip file.
#[derive(Clone, Debug)]
pub struct Code {
    /// A bucket in the function's region.
    pub bucket: Name<Bucket>,
    /// The object's key. Changed content needs a new key: CloudFormation compares only the key.
    pub key: Val<String>,
}

/// A processor architecture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Architecture {
    /// Graviton, about a fifth cheaper.
    Arm64,
    /// Intel or AMD.
    X86,
}

impl Architecture {
    /// Returns the architecture that this program was compiled for.
    #[must_use]
    pub const fn host() -> Self {
        if cfg!(target_arch = "aarch64") {
            Self::Arm64
        } else {
            Self::X86
        }
    }

    /// Lambda's name for the architecture.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }
}

impl Resource for Function {
    const TYPE: &'static str = "AWS::Lambda::Function";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "FunctionName": self.name,
            "Description": self.description,
            "Role": self.role,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Code": {"S3Bucket": self.code.bucket, "S3Key": self.code.key},
            "Architectures": [self.architecture.name()],
            "MemorySize": self.memory_mb,
            "Timeout": self.timeout_seconds,
            "Environment": {"Variables": self.environment},
            "KmsKeyArn": self.key,
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": self.log_group},
            "TracingConfig": {"Mode": if self.traced { "Active" } else { "PassThrough" }},
            "ReservedConcurrentExecutions": self.reserved_concurrency,
            "DeadLetterConfig": self.dead_letters.as_ref().map(|queue| json!({"TargetArn": queue})),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Function> {
    #[must_use]
    pub fn arn(&self) -> Arn<Function> {
        self.attribute("Arn")
    }

    #[must_use]
    pub fn name(&self) -> Name<Function> {
        self.reference()
    }
}

impl Arn<Function> {
    /// Allows the role with `policy` to invoke this function.
    pub fn grant_invoke(&self, policy: &mut Policy) {
        policy.allow(INVOKE, self);
    }
}

/// Allows an AWS service to invoke a function.
#[derive(Clone, Debug)]
pub struct Permission {
    pub function: Arn<Function>,
    /// For example `apigateway.amazonaws.com`.
    pub principal: &'static str,
    /// The ARN on whose behalf the service must call.
    pub source: Val<String>,
}

impl Resource for Permission {
    const TYPE: &'static str = "AWS::Lambda::Permission";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": self.function,
            "Principal": self.principal,
            "SourceArn": self.source,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
