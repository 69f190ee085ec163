//! Compares an environment with what is deployed, without changing anything.

use std::sync::Arc;

use cloudformation::{CloudFormation, Plan};

use super::DeployError;
use super::values::{Values, desired_stack, needed, tags};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::listing::EXPIRES;
use crate::platform::{Names, Stack, StackKind};
use crate::progress::Progress;

/// Placeholder for a value that is only known after the deploy.
const LATER: &str = "(known after the deploy)";

/// The result of a comparison.
#[derive(Debug)]
pub struct Compared {
    /// The plans of the stacks that differ. Their change sets are already deleted.
    pub plans: Vec<Plan>,
}

/// Compares the environment with what is deployed. The functions are not built: their code counts as
/// unchanged.
///
/// # Errors
///
/// Fails if a stack cannot be compared, because an operation is running or its state needs the user.
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
        let desired = desired_stack(environment, stack, &parameters, &tags);
        let plan = cloudformation.compare(&desired).await?;
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

/// Returns the parameters as a deploy would set them, as far as they are known.
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
