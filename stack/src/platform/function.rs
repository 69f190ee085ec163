//! What every function has: a role with exact rights, a log group, and the rest of the contract.

use std::collections::BTreeMap;
use std::fmt;

use cfn::resources::iam::{ManagedPolicy, Role};
use cfn::resources::lambda::{Code, Function};
use cfn::resources::logs::LogGroup;
use cfn::resources::xray;
use cfn::{Handle, Name, Policy, Val};

use super::pipeline::Pipeline;

/// A function of the platform, by the stage whose it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum FunctionName {
    /// HTTP to stream.
    Ingest,
    /// Stream to tables and raw lake.
    Store,
    /// Raw lake to CSV.
    Transform,
    /// CSV to warehouse.
    Load,
    /// The shop's reads.
    Query,
}

impl FunctionName {
    /// Every function.
    pub const ALL: [Self; 5] = [
        Self::Ingest,
        Self::Store,
        Self::Transform,
        Self::Load,
        Self::Query,
    ];

    /// The name of its binary, and the last part of its own name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Store => "store",
            Self::Transform => "transform",
            Self::Load => "load",
            Self::Query => "query",
        }
    }

    /// The parameter that takes the key of its zip in the assets bucket.
    #[must_use]
    pub const fn code_key(self) -> &'static str {
        match self {
            Self::Ingest => "IngestCodeKey",
            Self::Store => "StoreCodeKey",
            Self::Transform => "TransformCodeKey",
            Self::Load => "LoadCodeKey",
            Self::Query => "QueryCodeKey",
        }
    }

    /// Logical ids of the function, its role, its policy and its log group. They are for ever.
    const fn ids(self) -> [&'static str; 4] {
        match self {
            Self::Ingest => ["IngestFunction", "IngestRole", "IngestPolicy", "IngestLogs"],
            Self::Store => ["StoreFunction", "StoreRole", "StorePolicy", "StoreLogs"],
            Self::Transform => [
                "TransformFunction",
                "TransformRole",
                "TransformPolicy",
                "TransformLogs",
            ],
            Self::Load => ["LoadFunction", "LoadRole", "LoadPolicy", "LoadLogs"],
            Self::Query => ["QueryFunction", "QueryRole", "QueryPolicy", "QueryLogs"],
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What differs from function to function.
pub(super) struct Plan {
    pub(super) name: FunctionName,
    pub(super) description: &'static str,
    pub(super) memory_mb: u16,
    pub(super) timeout_seconds: u16,
    pub(super) environment: BTreeMap<&'static str, Val<String>>,
    /// What it may do beside writing its log and reading its settings.
    pub(super) rights: Policy,
}

impl Pipeline<'_> {
    /// Adds a function with its role and log group.
    #[track_caller]
    pub(super) fn add_function(&mut self, plan: Plan) -> Handle<Function> {
        let [function_id, role_id, policy_id, logs_id] = plan.name.ids();
        let logs = self.template.add(
            logs_id,
            &LogGroup {
                name: Name::literal(self.names.log_group(plan.name)),
                retention: self.environment.log_retention,
                key: self.data_key.clone(),
                profile: self.environment.profile.for_data(),
            },
        );
        let role = self.template.add(
            role_id,
            &Role {
                name: Name::literal(self.names.function(plan.name)),
                description: plan.description,
                trusted: "lambda.amazonaws.com",
            },
        );
        let mut rights = plan.rights;
        logs.grant_write(&mut rights);
        self.data_key.grant_decrypt(&mut rights);
        if self.environment.tracing {
            xray::grant_trace(&mut rights);
        }
        let policy = self.template.add(
            policy_id,
            &ManagedPolicy {
                name: Name::literal(self.names.function(plan.name)),
                policy: rights,
                role: role.name(),
            },
        );
        let code = Code {
            bucket: self.assets_bucket.clone(),
            key: self.template.parameter(
                plan.name.code_key(),
                "Key of the function's zip in the assets bucket",
            ),
        };
        let function = self.template.add(
            function_id,
            &Function {
                name: Name::literal(self.names.function(plan.name)),
                description: plan.description,
                role: role.arn(),
                code,
                architecture: self.environment.architecture(),
                memory_mb: plan.memory_mb,
                timeout_seconds: plan.timeout_seconds,
                environment: plan.environment,
                key: self.data_key.clone(),
                log_group: logs.name(),
                traced: self.environment.tracing,
            },
        );
        // Nothing in the function names its policy, and without it its first calls fail.
        self.template.depend(&function, &policy);
        function
    }
}
