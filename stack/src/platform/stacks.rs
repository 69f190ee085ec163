//! The stacks of an environment.

use std::fmt;

use cfn::Template;
use events::row::CSV_VERSION;

use super::{lake, pipeline, warehouse};
use crate::environment::Environment;

/// One CloudFormation stack of an environment.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What it is called.
    pub name: StackName,
    /// Which one it is.
    pub kind: StackKind,
    /// What is in it.
    pub template: Template,
}

/// Which stack of an environment, in the order in which they are created. A pipeline takes what the others give.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum StackKind {
    /// What API Gateway needs once in an account and region: see [`account_stack`](super::account_stack).
    Account,
    /// Keeps state: buckets, tables, stream, queues, keys.
    Lake,
    /// Redshift. Not on this machine, where PostgreSQL is in its place.
    Warehouse,
    /// Runs: API, functions, roles, mappings.
    Pipeline,
}

impl StackKind {
    /// The last part of its stack's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Lake => "lake",
            Self::Warehouse => "warehouse",
            Self::Pipeline => "pipeline",
        }
    }
}

/// The name of a stack: `riverhouse-{environment}-{kind}`, and `riverhouse-account` for the account's.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StackName(String);

impl StackName {
    pub(super) fn new(name: String) -> Self {
        Self(name)
    }
}

impl AsRef<str> for StackName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stacks of `environment`, in the order in which they are created. The same environment gives the same bytes.
#[must_use]
pub fn stacks(environment: &Environment) -> Vec<Stack> {
    stacks_of(environment, CSV_VERSION)
}

/// The stacks of an environment whose staged CSV has another version than [`stacks`] gives it, as a test of an
/// upgrade needs them.
#[must_use]
pub fn stacks_of(environment: &Environment, csv_version: u32) -> Vec<Stack> {
    let names = super::Names::of(environment);
    let stack = |kind, template| Stack {
        name: names.stack(kind),
        kind,
        template,
    };
    let lake = stack(StackKind::Lake, lake::template(environment));
    let warehouse =
        warehouse::template(environment).map(|template| stack(StackKind::Warehouse, template));
    let pipeline = stack(
        StackKind::Pipeline,
        pipeline::template(environment, csv_version),
    );
    [lake]
        .into_iter()
        .chain(warehouse)
        .chain([pipeline])
        .collect()
}
