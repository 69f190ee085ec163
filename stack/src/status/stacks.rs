//! Reads the stacks of an environment: outputs and resources.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;

use super::inspection::Inspection;
use super::problem::{Answer, Problem, ProblemKind, command};
use super::resource::Resource;
use crate::platform::{Names, StackKind};

/// Outputs and resources of all stacks.
#[derive(Debug)]
pub(super) struct Stacks {
    pub(super) outputs: Answer<BTreeMap<String, String>>,
    pub(super) resources: Answer<Vec<Resource>>,
    pub(super) problems: Vec<Problem>,
}

/// A stack that exists.
struct Stack {
    status: String,
    outputs: BTreeMap<String, String>,
}

/// Reads all stacks concurrently.
pub(super) async fn read(inspection: &Inspection) -> Stacks {
    let client = Client::new(inspection.clients.sdk());
    let names = Names::of(&inspection.environment);
    let mut kinds = vec![StackKind::Lake, StackKind::Pipeline];
    if inspection.machine.is_none() {
        kinds.extend([StackKind::Warehouse, StackKind::Monitoring]);
    }
    let each = kinds.iter().map(|kind| {
        let (client, name) = (&client, names.stack(*kind).to_string());
        async move {
            let (stack, resources) = tokio::join!(
                inspection.ask(describe(client, &name)),
                inspection.ask(resources(client, &name, kind.takes_values())),
            );
            (name, stack, resources)
        }
    });
    let mut stacks = Stacks {
        outputs: Ok(BTreeMap::new()),
        resources: Ok(Vec::new()),
        problems: Vec::new(),
    };
    for (name, stack, resources) in futures_util::future::join_all(each).await {
        stacks.add(&name, stack, resources, &inspection.name);
    }
    stacks
}

impl Stacks {
    fn add(
        &mut self,
        name: &str,
        stack: Answer<Option<Stack>>,
        resources: Answer<Vec<Resource>>,
        environment: &str,
    ) {
        match (&mut self.resources, resources) {
            (Ok(all), Ok(more)) => all.extend(more),
            (all @ Ok(_), Err(reason)) => *all = Err(reason),
            (Err(_), _) => {}
        }
        let stack = match stack {
            Ok(stack) => stack,
            Err(reason) => return self.outputs = Err(reason),
        };
        let Some(stack) = stack else {
            self.problems
                .push(problem(name, "does not exist", environment));
            if self.outputs.is_ok() {
                self.outputs = Err(format!("stack `{name}` does not exist"));
            }
            return;
        };
        if !is_whole(&stack.status) {
            let text = format!("is {}", stack.status);
            self.problems.push(problem(name, &text, environment));
        }
        if let Ok(outputs) = &mut self.outputs {
            outputs.extend(stack.outputs);
        }
    }
}

fn problem(name: &str, text: &str, environment: &str) -> Problem {
    Problem {
        stage: "deploy".to_owned(),
        kind: ProblemKind::Resource,
        reason: format!("stack `{name}` {text}"),
        since: None,
        next: command("deploy", environment),
    }
}

/// Returns whether a stack with this status is complete: its last deploy succeeded or was rolled back.
fn is_whole(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
    )
}

async fn describe(client: &Client, name: &str) -> Result<Option<Stack>, CallFailure> {
    let answer = match client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => answer,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => {
            let doing = format!("cloudformation DescribeStacks of `{name}`");
            return Err(CallFailure::of(doing)(error));
        }
    };
    let stack = answer.stacks.unwrap_or_default().into_iter().next();
    Ok(stack.map(|stack| Stack {
        status: stack
            .stack_status
            .map_or_else(String::new, |status| status.as_str().to_owned()),
        outputs: stack
            .outputs
            .unwrap_or_default()
            .into_iter()
            .filter_map(|output| Some((output.output_key?, output.output_value?)))
            .collect(),
    }))
}

async fn resources(
    client: &Client,
    name: &str,
    is_replaceable: bool,
) -> Result<Vec<Resource>, CallFailure> {
    let mut pages = client
        .list_stack_resources()
        .stack_name(name)
        .into_paginator()
        .send();
    let mut resources = Vec::new();
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) if is_absent(&error) => break,
            Err(error) => {
                let doing = format!("cloudformation ListStackResources of `{name}`");
                return Err(CallFailure::of(doing)(error));
            }
        };
        let summaries = page.stack_resource_summaries.unwrap_or_default();
        resources.extend(summaries.into_iter().filter_map(|summary| {
            Some(Resource {
                id: summary.logical_resource_id?,
                kind: summary.resource_type?,
                name: summary.physical_resource_id?,
                stack: name.to_owned(),
                is_replaceable,
            })
        }));
    }
    Ok(resources)
}

/// Returns whether the error means that the stack does not exist. CloudFormation has no error code of its own for
/// this.
fn is_absent(error: &impl ProvideErrorMetadata) -> bool {
    error
        .message()
        .is_some_and(|message| message.contains("does not exist"))
}
