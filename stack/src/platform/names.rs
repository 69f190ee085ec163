//! Names of all resources.

use cfn::resources::dynamodb::Table;
use cfn::resources::s3::Bucket;
use cfn::{Name, account_id, region, text};

use super::stacks::{StackKind, StackName};
use crate::environment::{APPLICATION, Environment, EnvironmentName};
use crate::function::FunctionSpec;

/// Names of one environment's resources. They are literal and contain the environment's name, so one account can hold
/// many environments, and the name of an environment is enough to find its resources.
#[derive(Clone, Debug)]
pub struct Names {
    environment: EnvironmentName,
}

impl Names {
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        Self {
            environment: environment.name.clone(),
        }
    }

    /// Returns `riverhouse-{environment}-{what}`.
    #[must_use]
    pub fn plain(&self, what: &str) -> String {
        format!("{APPLICATION}-{}-{what}", self.environment)
    }

    #[must_use]
    pub fn stack(&self, kind: StackKind) -> StackName {
        StackName::new(match kind {
            StackKind::Account => format!("{APPLICATION}-{}", kind.as_str()),
            _ => self.plain(kind.as_str()),
        })
    }

    /// Returns the name of a function. Its role and its policy have the same name.
    #[must_use]
    pub fn function(&self, function: &FunctionSpec) -> String {
        self.plain(function.name)
    }

    /// Returns the log group of a function, where Lambda writes by default.
    #[must_use]
    pub fn log_group(&self, function: &FunctionSpec) -> String {
        format!("/aws/lambda/{}", self.function(function))
    }

    /// Returns the prefix of all functions' log groups.
    pub(super) fn function_log_groups(&self) -> String {
        format!("/aws/lambda/{}", self.plain(""))
    }

    /// Returns the log group of the API's access log.
    #[must_use]
    pub fn api_log_group(&self) -> String {
        format!("/aws/apigateway/{}", self.plain("api"))
    }

    /// Returns the name of a secret: `riverhouse/{environment}/{what}`.
    pub(crate) fn secret(&self, what: &str) -> String {
        format!("{APPLICATION}/{}/{what}", self.environment)
    }

    /// Returns `riverhouse_{environment}`, with underscores so that SQL needs no quotes.
    pub(super) fn catalog(&self) -> String {
        format!("{APPLICATION}_{}", self.environment).replace('-', "_")
    }

    /// Returns `riverhouse-{environment}`, for names with a short limit: an endpoint name has at most 30 characters.
    pub(super) fn short<R>(&self) -> Name<R> {
        Name::literal(format!("{APPLICATION}-{}", self.environment))
    }

    /// Returns the name of a bucket. It contains account and region, because bucket names are unique across AWS.
    pub(super) fn bucket(&self, what: &str) -> Name<Bucket> {
        Name::from_text(text![self.plain(what), "-", account_id(), "-", region()])
    }

    pub(super) fn table(&self, what: &str) -> Name<Table> {
        Name::literal(self.plain(what))
    }

    pub(super) fn literal<R>(&self, what: &str) -> Name<R> {
        Name::literal(self.plain(what))
    }
}
