//! The CloudFormation stacks of an environment.

use std::fmt;

use cfn::Template;
use events::row::CSV_VERSION;

use super::{lake, monitoring, pipeline, warehouse};
use crate::environment::Environment;

#[derive(Clone, Debug)]
pub struct Stack {
    pub name: StackName,
    pub kind: StackKind,
    pub template: Template,
}

/// Stack of an environment, in the order of creation. `pipeline` and `monitoring` take values of those before
/// `pipeline`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum StackKind {
    /// What API Gateway needs once per account and region: see [`account_stack`](super::account_stack).
    Account,
    /// State: buckets, tables, stream, queues, keys.
    Lake,
    /// Redshift. Absent locally, where PostgreSQL takes its place.
    Warehouse,
    /// Code: API, functions, roles, event source mappings.
    Pipeline,
    /// Alarms and dashboard. Absent locally.
    Monitoring,
}

impl StackKind {
    /// The stacks of one environment, in the order of creation.
    pub const OF_ENVIRONMENT: [Self; 4] = [
        Self::Lake,
        Self::Warehouse,
        Self::Pipeline,
        Self::Monitoring,
    ];

    /// Returns whether the stack takes values of others. It is created after them and deleted before them.
    #[must_use]
    pub const fn takes_values(self) -> bool {
        matches!(self, Self::Pipeline | Self::Monitoring)
    }

    /// Returns the last part of the stack's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Lake => "lake",
            Self::Warehouse => "warehouse",
            Self::Pipeline => "pipeline",
            Self::Monitoring => "monitoring",
        }
    }
}

/// Name of a stack: `riverhouse-{environment}-{kind}`, or `riverhouse-account`.
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

/// Returns the stacks of `environment` in the order of creation. Deterministic: the same environment gives the same
/// bytes.
#[must_use]
pub fn stacks(environment: &Environment) -> Vec<Stack> {
    stacks_of(environment, CSV_VERSION)
}

/// Returns the stacks of an environment with another version of the staged CSV than [`stacks`] uses. Needed to test
/// upgrades.
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
    let monitoring =
        monitoring::template(environment).map(|template| stack(StackKind::Monitoring, template));
    [lake]
        .into_iter()
        .chain(warehouse)
        .chain([pipeline])
        .chain(monitoring)
        .collect()
}
