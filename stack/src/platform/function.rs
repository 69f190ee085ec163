//! What every Lambda function has: a role with least privilege, a log group, and common settings.

use std::collections::BTreeMap;

use cfn::resources::iam::{ManagedPolicy, Role};
use cfn::resources::lambda::{Code, Function};
use cfn::resources::logs::LogGroup;
use cfn::resources::sqs::Queue;
use cfn::resources::xray;
use cfn::{Arn, Handle, Name, Policy, Val};

use super::pipeline::Pipeline;
use super::suppression;
use crate::function::FunctionSpec;

/// Settings and permissions of a function, which refer to other resources.
pub(super) struct Plan {
    pub(super) spec: &'static FunctionSpec,
    pub(super) environment: BTreeMap<&'static str, Val<String>>,
    /// Dead-letter queue of asynchronous invocations; `rights` must allow sending to it. `None` if there are no
    /// asynchronous invocations.
    pub(super) dead_letters: Option<Arn<Queue>>,
    /// Permissions besides writing logs and reading settings.
    pub(super) rights: Policy,
}

impl Pipeline<'_> {
    /// Adds a function with its role and log group.
    #[track_caller]
    pub(super) fn add_function(&mut self, plan: Plan) -> Handle<Function> {
        let spec = plan.spec;
        let logs = self.add_log_group(spec);
        let mut rights = plan.rights;
        logs.grant_write(&mut rights);
        let (role, policy) = self.add_role(spec, rights);
        let code = Code {
            bucket: self.assets_bucket.clone(),
            key: self.template.parameter(
                spec.ids.code_key,
                "Key of the function's zip in the assets bucket",
            ),
        };
        let reserved_concurrency = self.environment.concurrency.reserved(spec);
        let timing = self.environment.pace.timing();
        let waited_for = plan.dead_letters.is_none();
        let function = self.template.add(
            spec.ids.function,
            &Function {
                name: Name::literal(self.names.function(spec)),
                description: spec.description,
                role: role.arn(),
                code,
                architecture: self.environment.architecture(),
                memory_mb: spec.memory_mb,
                timeout_seconds: spec.timeout.seconds(timing.function_seconds),
                environment: plan.environment,
                key: self.data_key.clone(),
                log_group: logs.name(),
                traced: self.environment.tracing,
                reserved_concurrency,
                dead_letters: plan.dead_letters,
            },
        );
        let findings = [
            Some(suppression::OUTSIDE_VPC),
            (reserved_concurrency.is_none()).then_some(suppression::UNRESERVED),
            waited_for.then_some(suppression::IS_WAITED_FOR),
        ];
        for finding in findings.into_iter().flatten() {
            self.template.suppress(&function, finding);
        }
        // The function does not refer to its policy. Without this dependency its first invocations could fail.
        self.template.depend(&function, &policy);
        function
    }

    #[track_caller]
    fn add_log_group(&mut self, function: &FunctionSpec) -> Handle<LogGroup> {
        self.template.add(
            function.ids.logs,
            &LogGroup {
                name: Name::literal(self.names.log_group(function)),
                retention: self.environment.log_retention,
                key: self.data_key.clone(),
                profile: self.environment.profile.for_data(),
            },
        )
    }

    /// Adds the role of `function`, with `rights` and the permissions that every function needs.
    #[track_caller]
    fn add_role(
        &mut self,
        function: &FunctionSpec,
        mut rights: Policy,
    ) -> (Handle<Role>, Handle<ManagedPolicy>) {
        let name = self.names.function(function);
        let role = Role {
            name: Name::literal(name.clone()),
            description: function.description,
            trusted: &["lambda.amazonaws.com"],
        };
        let role = self.template.add(function.ids.role, &role);
        self.data_key.grant_decrypt(&mut rights);
        if self.environment.tracing {
            xray::grant_trace(&mut rights);
        }
        let policy = ManagedPolicy {
            name: Name::literal(name),
            policy: rights,
            role: role.name(),
        };
        let policy = self.template.add(function.ids.policy, &policy);
        (role, policy)
    }
}
