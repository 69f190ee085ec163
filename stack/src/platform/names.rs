//! What everything is called.

use cfn::resources::dynamodb::Table;
use cfn::resources::s3::Bucket;
use cfn::{Name, account_id, region, text};

use super::stacks::{StackKind, StackName};
use crate::environment::{APPLICATION, Environment, EnvironmentName};
use crate::function::FunctionSpec;

/// The names of one environment's resources: literal, so that any number of environments live in one account and
/// whoever has the environment's name finds everything.
#[derive(Clone, Debug)]
pub struct Names {
    environment: EnvironmentName,
}

impl Names {
    /// The names in `environment`.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        Self {
            environment: environment.name.clone(),
        }
    }

    /// `riverhouse-{environment}-{what}`.
    #[must_use]
    pub fn plain(&self, what: &str) -> String {
        format!("{APPLICATION}-{}-{what}", self.environment)
    }

    /// The name of a stack.
    #[must_use]
    pub fn stack(&self, kind: StackKind) -> StackName {
        StackName::new(match kind {
            StackKind::Account => format!("{APPLICATION}-{}", kind.as_str()),
            _ => self.plain(kind.as_str()),
        })
    }

    /// The name of a function, which is its role's and its policy's too.
    #[must_use]
    pub fn function(&self, function: &FunctionSpec) -> String {
        self.plain(function.name)
    }

    /// The log group of a function, where its runtime looks for it.
    #[must_use]
    pub fn log_group(&self, function: &FunctionSpec) -> String {
        format!("/aws/lambda/{}", self.function(function))
    }

    /// How the names of all functions' log groups begin.
    pub(super) fn function_log_groups(&self) -> String {
        format!("/aws/lambda/{}", self.plain(""))
    }

    /// The log group of the API's requests.
    #[must_use]
    pub fn api_log_group(&self) -> String {
        format!("/aws/apigateway/{}", self.plain("api"))
    }

    /// `riverhouse/{environment}/{what}`, a secret's.
    pub(crate) fn secret(&self, what: &str) -> String {
        format!("{APPLICATION}/{}/{what}", self.environment)
    }

    /// `riverhouse_{environment}`, which SQL takes without quotes.
    pub(super) fn catalog(&self) -> String {
        format!("{APPLICATION}_{}", self.environment).replace('-', "_")
    }

    /// `riverhouse-{environment}`, where a name has no room for more: an endpoint's has 30 characters.
    pub(super) fn short<R>(&self) -> Name<R> {
        Name::literal(format!("{APPLICATION}-{}", self.environment))
    }

    /// A bucket's name carries account and region, as no two buckets in all of AWS have the same.
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
