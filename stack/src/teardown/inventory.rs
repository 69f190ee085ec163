//! Lists the existing stacks of an environment and their resources.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, StackResourceSummary, TemplateStage};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::{CallFailure, describe};
use serde_json::Value;

use super::plan::{Disposal, Plan, PlannedResource, PlannedStack};
use super::{TeardownError, sweep};
use crate::clients::Clients;
use crate::environment::{Environment, Profile};
use crate::platform::{Names, StackKind, StackName};

/// Returns the plan of a teardown. Read-only.
///
/// # Errors
///
/// Fails if a call to CloudFormation fails.
pub async fn inventory(
    environment: &Environment,
    clients: &Clients,
) -> Result<Plan, TeardownError> {
    let client = Client::new(clients.sdk());
    let names = Names::of(environment);
    let mut stacks = Vec::new();
    // In reverse order of creation.
    for kind in StackKind::OF_ENVIRONMENT.into_iter().rev() {
        stacks.extend(planned_stack(&client, kind, names.stack(kind)).await?);
    }
    let mut plan = Plan {
        environment: environment.name.to_string(),
        production: environment.profile == Profile::Production,
        stacks,
        loose: Vec::new(),
    };
    let region = clients.sdk().region().map_or("", AsRef::as_ref);
    for named in sweep::names(environment, clients.account(), region) {
        if !sweep::has(&plan, &named) && sweep::is_there(clients, &named).await? {
            plan.loose.push(named.to_string());
        }
    }
    Ok(plan)
}

/// Describes a stack and its resources; `None` if it does not exist.
async fn planned_stack(
    client: &Client,
    kind: StackKind,
    name: StackName,
) -> Result<Option<PlannedStack>, TeardownError> {
    let Some(stack) = describe(client, name.as_ref()).await? else {
        return Ok(None);
    };
    let policies = deletion_policies(client, name.as_ref()).await?;
    let resources = resources(client, name.as_ref()).await?;
    Ok(Some(PlannedStack {
        kind,
        id: stack.stack_id.unwrap_or_else(|| name.to_string()),
        name,
        status: stack
            .stack_status
            .map_or_else(String::new, |status| status.as_str().to_owned()),
        protected: stack.enable_termination_protection.unwrap_or_default(),
        resources: resources
            .into_iter()
            .filter_map(|resource| planned(resource, &policies))
            .collect(),
    }))
}

/// Returns an existing resource; `None` if it was never created or is deleted.
fn planned(
    resource: StackResourceSummary,
    policies: &BTreeMap<String, String>,
) -> Option<PlannedResource> {
    if resource.resource_status == Some(ResourceStatus::DeleteComplete) {
        return None;
    }
    let (id, kind) = (resource.logical_resource_id?, resource.resource_type?);
    Some(PlannedResource {
        disposal: Disposal::of(&kind, policies.get(&id).map(String::as_str)),
        name: resource
            .physical_resource_id
            .filter(|name| !name.is_empty())?,
        id,
        kind,
    })
}

async fn resources(client: &Client, stack: &str) -> Result<Vec<StackResourceSummary>, CallFailure> {
    let mut pages = client
        .list_stack_resources()
        .stack_name(stack)
        .into_paginator()
        .send();
    let mut resources = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(CallFailure::of(format!(
            "cloudformation ListStackResources of `{stack}`"
        )));
        match page {
            Ok(page) => resources.extend(page.stack_resource_summaries.unwrap_or_default()),
            Err(failure) if failure.is_absent() => break,
            Err(failure) => return Err(failure),
        }
    }
    Ok(resources)
}

/// Returns the `DeletionPolicy` of each resource that has one, from the deployed template, which may differ from that
/// of this build.
async fn deletion_policies(
    client: &Client,
    stack: &str,
) -> Result<BTreeMap<String, String>, CallFailure> {
    let answer = client
        .get_template()
        .stack_name(stack)
        .template_stage(TemplateStage::Original)
        .send()
        .await;
    let body = match answer {
        Ok(answer) => answer.template_body.unwrap_or_default(),
        // A stack whose first change set was never executed has no template.
        Err(error) if error.code() == Some("ValidationError") => String::new(),
        Err(error) => {
            return Err(CallFailure::of(format!(
                "cloudformation GetTemplate of `{stack}`"
            ))(error));
        }
    };
    let template: Value = serde_json::from_str(&body)
        .or_else(|_not_json| serde_yaml::from_str(&body))
        .unwrap_or_default();
    let resources = template["Resources"].as_object().into_iter().flatten();
    Ok(resources
        .filter_map(|(id, resource)| {
            Some((id.clone(), resource["DeletionPolicy"].as_str()?.to_owned()))
        })
        .collect())
}
