//! A function, and who may call it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::resources::iam::Role;
use crate::resources::kms::Key;
use crate::resources::logs::LogGroup;
use crate::resources::s3::Bucket;
use crate::resources::sqs::Queue;
use crate::{Arn, Handle, Name, Policy, Removal, Resource, Val};

/// Calling it.
const INVOKE: &[&str] = &["lambda:InvokeFunction"];

/// A function in a zip whose `bootstrap` speaks Lambda's runtime API.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name, at most 64 characters.
    pub name: Name<Function>,
    /// What it does.
    pub description: &'static str,
    /// Whose rights it has.
    pub role: Arn<Role>,
    /// Where its zip is.
    pub code: Code,
    /// What its binary was built for.
    pub architecture: Architecture,
    /// In MB, 128 to 10,240. A function has one CPU at 1,769.
    pub memory_mb: u16,
    /// After how many seconds it is stopped, at most 900.
    pub timeout_seconds: u16,
    /// What it reads at its start. No secrets: whoever may describe the function sees it.
    pub environment: BTreeMap<&'static str, Val<String>>,
    /// What `environment` is encrypted with.
    pub key: Arn<Key>,
    /// Where its log goes.
    pub log_group: Name<LogGroup>,
    /// Whether each call is traced with X-Ray.
    pub traced: bool,
    /// How many calls may run at once; so many of the account's are kept for it. `None`: as many as are left.
    /// An account must keep 100 for the others, so that one with the first quota of 10 refuses any.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
    pub reserved_concurrency: Option<u16>,
    /// Where a call goes that nobody waited for and that failed three times. The role must be let in.
    pub dead_letters: Option<Arn<Queue>>,
}

/// Where a function's zip is.
#[derive(Clone, Debug)]
pub struct Code {
    /// The bucket, in the function's region.
    pub bucket: Name<Bucket>,
    /// The key. A new content must have a new key: CloudFormation compares nothing else.
    pub key: Val<String>,
}

/// A processor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Architecture {
    /// Graviton: a fifth cheaper.
    Arm64,
    /// Intel or AMD.
    X86,
}

impl Architecture {
    /// The processor that this program runs on.
    #[must_use]
    pub const fn host() -> Self {
        if cfg!(target_arch = "aarch64") {
            Self::Arm64
        } else {
            Self::X86
        }
    }

    /// Lambda's word for it.
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
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn<Function> {
        self.attribute("Arn")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Function> {
        self.reference()
    }
}

impl Arn<Function> {
    /// Lets the bearer of `policy` call this function.
    pub fn grant_invoke(&self, policy: &mut Policy) {
        policy.allow(INVOKE, self);
    }
}

/// Lets a service call a function.
#[derive(Clone, Debug)]
pub struct Permission {
    /// Which one.
    pub function: Arn<Function>,
    /// Such as `apigateway.amazonaws.com`.
    pub principal: &'static str,
    /// On whose behalf the service must call.
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
