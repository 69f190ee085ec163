//! Lists the environments of an AWS region by the tags of their stacks.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;
use cloudformation::CallFailure;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{EXPIRES, Listed};
use crate::clients::Clients;
use crate::environment::APPLICATION;

/// Lists the environments in the region of `clients`, ordered by name.
///
/// # Errors
///
/// When CloudFormation cannot be called.
pub async fn in_region(clients: &Clients) -> Result<Vec<Listed>, CallFailure> {
    let region = clients.sdk().region().map_or("", AsRef::as_ref);
    let client = Client::new(clients.sdk());
    let mut pages = client.describe_stacks().into_paginator().send();
    let mut stacks = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(CallFailure::of("cloudformation DescribeStacks"))?;
        stacks.extend(page.stacks.unwrap_or_default());
    }
    Ok(environments(region, &stacks))
}

/// Groups the stacks of this application by environment.
fn environments(region: &str, stacks: &[Stack]) -> Vec<Listed> {
    let mut environments: BTreeMap<String, Listed> = BTreeMap::new();
    for stack in stacks {
        if tag(stack, "application") != Some(APPLICATION) {
            continue;
        }
        let Some(name) = tag(stack, "environment") else {
            continue;
        };
        let listed = environments
            .entry(name.to_owned())
            .or_insert_with(|| Listed {
                environment: name.to_owned(),
                target: region.to_owned(),
                state: String::new(),
                since: None,
                expires: None,
                stacks: BTreeMap::new(),
            });
        let status = stack.stack_status().map_or("", |status| status.as_str());
        if concern(status) > concern(&listed.state) || listed.state.is_empty() {
            status.clone_into(&mut listed.state);
        }
        let created = stack
            .creation_time()
            .and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok());
        listed.since = [listed.since, created].into_iter().flatten().min();
        let expires = tag(stack, EXPIRES).and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
        listed.expires = [listed.expires, expires].into_iter().flatten().min();
        let stack_name = stack.stack_name().unwrap_or_default().to_owned();
        listed.stacks.insert(stack_name, status.to_owned());
    }
    environments.into_values().collect()
}

/// Severity of a stack status, in ascending order.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Concern {
    Calm,
    Busy,
    RolledBack,
    Failed,
}

fn concern(status: &str) -> Concern {
    if status.ends_with("FAILED") {
        Concern::Failed
    } else if status.contains("ROLLBACK") {
        Concern::RolledBack
    } else if status.ends_with("IN_PROGRESS") {
        Concern::Busy
    } else {
        Concern::Calm
    }
}

fn tag<'a>(stack: &'a Stack, key: &str) -> Option<&'a str> {
    let found = stack.tags().iter().find(|tag| tag.key() == Some(key))?;
    found.value()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::{StackStatus, Tag};
    use aws_smithy_types::DateTime;

    use super::*;

    fn stack(name: &str, status: StackStatus, tags: &[(&str, &str)]) -> Stack {
        let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
        Stack::builder()
            .stack_name(name)
            .stack_status(status)
            .creation_time(DateTime::from_secs(1_700_000_000))
            .set_tags(Some(tags.iter().map(tag).collect()))
            .build()
    }

    #[test]
    fn stacks_are_gathered_by_environment_and_the_worst_status_stands_for_all() {
        use StackStatus as S;
        let ours = |environment| [("application", "riverhouse"), ("environment", environment)];
        let mut dev = ours("dev").to_vec();
        dev.push(("expires", "2026-01-02T12:00:00Z"));
        let stacks = [
            stack("riverhouse-dev-lake", S::CreateComplete, &dev),
            stack("riverhouse-dev-pipeline", S::UpdateRollbackComplete, &dev),
            stack("riverhouse-ci-lake", S::CreateInProgress, &ours("ci")),
            stack("somebody", S::CreateComplete, &[("application", "other")]),
        ];
        insta::assert_json_snapshot!(environments("eu-west-1", &stacks));
    }
}
