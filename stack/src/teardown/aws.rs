//! Destroys an environment on AWS: first `monitoring` and `pipeline` with all writers, then `lake` and `warehouse`
//! in parallel, then resources that no stack has any more; finally looks for leftovers.

use std::collections::BTreeMap;
use std::time::Instant;

use aws_sdk_cloudformation::Client;
use futures_util::future::try_join_all;

use super::plan::{Plan, PlannedStack};
use super::sweep::{self, Named};
use super::{Destroyed, TeardownError, leftovers, stack};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::platform::{Names, StackKind};
use crate::progress::{Progress, Step};

/// Executes the plan. The caller is responsible for consent: this call ends every protection that the
/// environment's file sets.
///
/// Idempotent: after an interruption the same call continues. If nothing exists, it only looks for leftovers.
///
/// # Errors
///
/// Fails with the first resource that could not be removed and what to do about it.
pub async fn destroy_aws(
    environment: &Environment,
    clients: &Clients,
    plan: &Plan,
    progress: &Progress,
) -> Result<Destroyed, TeardownError> {
    let begun = Instant::now();
    let mut destroyed = Destroyed {
        environment: plan.environment.clone(),
        stacks: outcomes(environment, plan),
        ..Destroyed::default()
    };
    unprotect(clients, plan).await?;
    let (first, then): (Vec<_>, Vec<_>) = plan
        .stacks
        .iter()
        .partition(|stack| stack.kind.takes_values());
    for side_by_side in [first, then] {
        let deleted = side_by_side
            .into_iter()
            .map(|stack| delete(clients, stack, plan.production, progress));
        for emptied in try_join_all(deleted).await? {
            destroyed.emptied.extend(emptied);
        }
    }
    let step = progress.step("leftovers");
    sweep_and_look(environment, clients, plan, &mut destroyed, &step).await?;
    step.done(&match destroyed.leftovers.len() {
        0 => "none".to_owned(),
        count => format!("{count}"),
    });
    let absent = plan.is_empty() && destroyed.swept.is_empty();
    destroyed.outcome = if absent { "absent" } else { "destroyed" };
    destroyed.seconds = begun.elapsed().as_secs_f64();
    Ok(destroyed)
}

/// Removes by name the resources that no stack has, and then looks for leftovers.
async fn sweep_and_look(
    environment: &Environment,
    clients: &Clients,
    plan: &Plan,
    destroyed: &mut Destroyed,
    step: &Step,
) -> Result<(), TeardownError> {
    let region = clients.sdk().region().map_or("", AsRef::as_ref);
    let mut names = sweep::names(environment, clients.account(), region);
    names.extend(sweep::let_go(plan));
    for named in &names {
        if sweep::remove(clients, named, plan.production, step).await? {
            destroyed.swept.push(Named::to_string(named));
        }
    }
    leftovers::look(environment, clients, &names, destroyed, step).await
}

fn outcomes(environment: &Environment, plan: &Plan) -> BTreeMap<String, &'static str> {
    let names = Names::of(environment);
    StackKind::OF_ENVIRONMENT
        .map(|kind| {
            let there = plan.stacks.iter().any(|stack| stack.kind == kind);
            let outcome = if there { "deleted" } else { "absent" };
            (names.stack(kind).to_string(), outcome)
        })
        .into()
}

/// Ends the termination protection of the stacks in production. Elsewhere the protection was set by hand, so
/// it is reported.
async fn unprotect(clients: &Clients, plan: &Plan) -> Result<(), TeardownError> {
    let client = Client::new(clients.sdk());
    for stack in plan.stacks.iter().filter(|stack| stack.protected) {
        if !plan.production {
            return Err(TeardownError::Protected(stack.name.to_string()));
        }
        cloudformation::end_protection(&client, stack.name.as_ref()).await?;
    }
    Ok(())
}

async fn delete(
    clients: &Clients,
    stack: &PlannedStack,
    production: bool,
    progress: &Progress,
) -> Result<BTreeMap<String, u64>, TeardownError> {
    let step = progress.step(format!("stack {}", stack.name));
    let emptied = stack::delete(clients, stack, production, &step).await?;
    step.done("deleted");
    Ok(emptied)
}
