//! What a deploy would change, without changing anything.

use std::sync::Arc;

use super::stack::{CloudFormation, Plan};
use super::values::{Values, needed, tags, wish};
use super::{DeployError, Progress};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::listing::EXPIRES;
use crate::platform::{Names, Stack, StackKind};

/// What stands for a value that only the deploy makes.
const LATER: &str = "(known after the deploy)";

/// What differs.
#[derive(Debug)]
pub struct Compared {
    /// The stacks that differ, with their plans. Their change sets are deleted already.
    pub plans: Vec<Plan>,
}

/// Compares the environment with what is deployed of it. Nothing is built: the functions' code counts as it is.
///
/// # Errors
///
/// When a stack cannot be compared, because an operation runs on it or its state needs a person.
pub async fn diff(environment: &Environment, progress: &Progress) -> Result<Compared, DeployError> {
    let clients = clients(environment).await?;
    let cloudformation = CloudFormation::new(clients.sdk(), Arc::default());
    let all = needed(environment, &cloudformation, clients.sdk()).await?;
    let lake = Names::of(environment).stack(StackKind::Lake);
    let expiry = cloudformation.tag(lake.as_ref(), EXPIRES).await?;
    let tags = tags(environment, expiry);
    let mut values = Values::new();
    for stack in &all {
        let name = stack.name.as_ref();
        values.extend(cloudformation.parameters(name).await?);
        values.extend(cloudformation.outputs(name).await?.unwrap_or_default());
    }
    let mut plans = Vec::new();
    for stack in &all {
        let step = progress.step(format!("diff of {}", stack.name));
        let parameters = parameters(stack, &values);
        let wish = wish(environment, stack, &parameters, &tags);
        let plan = cloudformation.compare(&wish).await?;
        step.done(&plan.as_ref().map_or("same".to_owned(), Plan::summary));
        plans.extend(plan);
    }
    Ok(Compared { plans })
}

async fn clients(environment: &Environment) -> Result<Clients, DeployError> {
    if environment.is_local() {
        let addresses = crate::session::machine(environment)?.addresses()?;
        return Ok(Clients::local(&addresses));
    }
    Ok(Clients::aws(environment).await?)
}

/// As the deploy would fill them, as far as that is known.
fn parameters(stack: &Stack, values: &Values) -> Values {
    let value = |name: &str| {
        values
            .get(name)
            .cloned()
            .unwrap_or_else(|| LATER.to_owned())
    };
    let names = stack.template.parameters();
    names.map(|name| (name.to_owned(), value(name))).collect()
}
