//! What every function has: a role with exact rights, a log group, and the rest of the contract.

use std::collections::BTreeMap;
use std::fmt;

use cfn::resources::iam::{ManagedPolicy, Role};
use cfn::resources::lambda::{Code, Function};
use cfn::resources::logs::LogGroup;
use cfn::resources::sqs::Queue;
use cfn::resources::xray;
use cfn::{Arn, Handle, Name, Policy, Val};

use super::pipeline::Pipeline;
use super::suppression;
use crate::environment::Concurrency;

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
    /// Where calls go that nobody waited for; it needs the right to send there. `None` when there are no such calls.
    pub(super) dead_letters: Option<Arn<Queue>>,
    /// What it may do beside writing its log and reading its settings.
    pub(super) rights: Policy,
}

impl Pipeline<'_> {
    /// Adds a function with its role and log group.
    #[track_caller]
    pub(super) fn add_function(&mut self, plan: Plan) -> Handle<Function> {
        let [function_id, .., logs_id] = plan.name.ids();
        let logs = self.template.add(
            logs_id,
            &LogGroup {
                name: Name::literal(self.names.log_group(plan.name)),
                retention: self.environment.log_retention,
                key: self.data_key.clone(),
                profile: self.environment.profile.for_data(),
            },
        );
        let mut rights = plan.rights;
        logs.grant_write(&mut rights);
        let (role, policy) = self.add_role(plan.name, plan.description, rights);
        let code = Code {
            bucket: self.assets_bucket.clone(),
            key: self.template.parameter(
                plan.name.code_key(),
                "Key of the function's zip in the assets bucket",
            ),
        };
        let reserved_concurrency = self.reserved(plan.name);
        let waited_for = plan.dead_letters.is_none();
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
                reserved_concurrency,
                dead_letters: plan.dead_letters,
            },
        );
        self.template.suppress(&function, suppression::OUTSIDE_VPC);
        if reserved_concurrency.is_none() {
            self.template.suppress(&function, suppression::UNRESERVED);
        }
        if waited_for {
            self.template
                .suppress(&function, suppression::IS_WAITED_FOR);
        }
        // Nothing in the function names its policy, and without it its first calls fail.
        self.template.depend(&function, &policy);
        function
    }

    /// The role of `function` with `rights` and those that every function needs.
    #[track_caller]
    fn add_role(
        &mut self,
        function: FunctionName,
        description: &'static str,
        mut rights: Policy,
    ) -> (Handle<Role>, Handle<ManagedPolicy>) {
        let [_, role_id, policy_id, _] = function.ids();
        let name = self.names.function(function);
        let role = Role {
            name: Name::literal(name.clone()),
            description,
            trusted: &["lambda.amazonaws.com"],
        };
        let role = self.template.add(role_id, &role);
        self.data_key.grant_decrypt(&mut rights);
        if self.environment.tracing {
            xray::grant_trace(&mut rights);
        }
        let policy = ManagedPolicy {
            name: Name::literal(name),
            policy: rights,
            role: role.name(),
        };
        let policy = self.template.add(policy_id, &policy);
        (role, policy)
    }

    fn reserved(&self, function: FunctionName) -> Option<u16> {
        let Concurrency::Reserved(reserved) = self.environment.concurrency else {
            return None;
        };
        Some(match function {
            FunctionName::Ingest => reserved.ingest,
            FunctionName::Store => reserved.store,
            FunctionName::Transform => reserved.transform,
            FunctionName::Load => reserved.load,
            FunctionName::Query => reserved.query,
        })
    }
}
