//! Deletes one stack and removes obstacles.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, StackEvent, StackStatus};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::inventory::{describe, is_absent};
use super::plan::PlannedStack;
use super::remedy::{Cause, Remedy, remedy, stays};
use super::{TeardownError, bucket, sweep};
use crate::clients::Clients;
use crate::deploy::{DeployError, Step};

/// The maximum number of attempts to delete a stack: buckets fill again while logs are delivered to them.
const ATTEMPTS: usize = 6;
/// The shortest and the longest delay between two polls.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How a deletion ended.
enum Ended {
    Gone,
    /// The stack remains because of these resources, in the order of their failures.
    Stays(Vec<Cause>),
}

/// Deletes the stack and waits until it is gone; if a deletion is already running, only waits for it. Returns
/// what was removed from each of its buckets.
pub(super) async fn delete(
    clients: &Clients,
    stack: &PlannedStack,
    production: bool,
    step: &Step,
) -> Result<BTreeMap<String, u64>, TeardownError> {
    let client = Client::new(clients.sdk());
    let s3 = clients.s3();
    let mut emptied = BTreeMap::new();
    let mut causes = Vec::new();
    for _ in 0..ATTEMPTS {
        for name in stack.buckets() {
            let count = bucket::empty(&s3, name, step).await?;
            *emptied.entry(name.to_owned()).or_default() += count;
        }
        request(&client, stack).await?;
        match watch(&client, stack, step).await? {
            Ended::Gone => return Ok(emptied),
            Ended::Stays(found) => causes = found,
        }
        for cause in &causes {
            match remedy(cause) {
                Remedy::Person(_) => return Err(stays(stack.name.as_ref(), &causes)),
                Remedy::Unprotect => sweep::unprotect(clients, &cause.name, production).await?,
                // Buckets are emptied before each attempt.
                Remedy::Empty | Remedy::Again => {}
            }
        }
        step.at("trying again");
    }
    Err(stays(stack.name.as_ref(), &causes))
}

/// Ends the termination protection of the stack.
pub(super) async fn unprotect(client: &Client, stack: &str) -> Result<(), DeployError> {
    let done = client
        .update_termination_protection()
        .stack_name(stack)
        .enable_termination_protection(false)
        .send()
        .await;
    match done {
        Err(error) if !is_absent(&error) => Err(DeployError::call(format!(
            "cloudformation UpdateTerminationProtection of `{stack}`"
        ))(error)),
        _ => Ok(()),
    }
}

/// Requests the deletion after other operations have ended; a running creation can be deleted at once.
async fn request(client: &Client, stack: &PlannedStack) -> Result<(), DeployError> {
    let mut pause = PAUSES[0];
    while let Some(status) = describe(client, &stack.id)
        .await?
        .and_then(|it| it.stack_status)
    {
        use StackStatus as S;
        match status {
            S::DeleteInProgress | S::DeleteComplete => return Ok(()),
            S::CreateInProgress | S::ReviewInProgress => break,
            status if !status.as_str().ends_with("_IN_PROGRESS") => break,
            _ => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES[1]);
    }
    client
        .delete_stack()
        .stack_name(stack.name.as_ref())
        .send()
        .await
        .map(drop)
        .map_err(DeployError::call(format!(
            "cloudformation DeleteStack `{}`",
            stack.name
        )))
}

/// Waits until the deletion ends and shows its progress. A throttled poll decides nothing.
async fn watch(client: &Client, stack: &PlannedStack, step: &Step) -> Result<Ended, DeployError> {
    let mut pause = PAUSES[0];
    loop {
        let status = match describe(client, &stack.id).await {
            Ok(found) => found.and_then(|it| it.stack_status),
            Err(error) if is_throttle(&error) => {
                tokio::time::sleep(PAUSES[1]).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        match status {
            None | Some(StackStatus::DeleteComplete) => return Ok(Ended::Gone),
            Some(StackStatus::DeleteInProgress) => {}
            Some(_) => return Ok(Ended::Stays(causes(&events(client, &stack.id).await?))),
        }
        if let Ok(events) = events(client, &stack.id).await
            && let Some(newest) = events.first()
        {
            let id = newest.logical_resource_id().unwrap_or_default();
            let status = newest.resource_status().map_or("", ResourceStatus::as_str);
            step.at(format!("{id} {status}"));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES[1]);
    }
}

fn is_throttle(error: &DeployError) -> bool {
    matches!(error, DeployError::Call { code, .. } if code.starts_with("Throttling") || code.contains("RequestLimit"))
}

/// One page of events, the newest first.
async fn events(client: &Client, stack: &str) -> Result<Vec<StackEvent>, DeployError> {
    let answer = client.describe_stack_events().stack_name(stack).send();
    match answer.await {
        Ok(page) => Ok(page.stack_events.unwrap_or_default()),
        Err(error) if is_absent(&error) || error.code() == Some("Throttling") => Ok(Vec::new()),
        Err(error) => Err(DeployError::call(format!(
            "cloudformation DescribeStackEvents of `{stack}`"
        ))(error)),
    }
}

/// The failures since the newest deletion began, oldest first.
fn causes(newest_first: &[StackEvent]) -> Vec<Cause> {
    let is_begin = |event: &&StackEvent| {
        event.resource_type() == Some("AWS::CloudFormation::Stack")
            && event.resource_status() == Some(&ResourceStatus::DeleteInProgress)
    };
    let mut causes: Vec<_> = newest_first
        .iter()
        .take_while(|event| !is_begin(event))
        .filter(|event| event.resource_status() == Some(&ResourceStatus::DeleteFailed))
        .filter(|event| event.resource_type() != Some("AWS::CloudFormation::Stack"))
        .map(|event| {
            let text = |found: Option<&str>| found.unwrap_or_default().to_owned();
            Cause {
                resource: text(event.logical_resource_id()),
                name: text(event.physical_resource_id()),
                kind: text(event.resource_type()),
                reason: text(event.resource_status_reason()),
            }
        })
        .collect();
    causes.reverse();
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, id: &str, status: ResourceStatus) -> StackEvent {
        StackEvent::builder()
            .stack_id("id")
            .event_id("event")
            .stack_name("s")
            .timestamp(aws_smithy_types::DateTime::from_secs(0))
            .resource_type(kind)
            .logical_resource_id(id)
            .resource_status(status)
            .build()
    }

    #[test]
    fn only_failures_of_the_newest_deletion_count_in_their_order() {
        use ResourceStatus as S;
        let own = "AWS::CloudFormation::Stack";
        let newest_first = [
            event(own, "s", S::DeleteFailed),
            event("T", "Later", S::DeleteFailed),
            event("T", "First", S::DeleteFailed),
            event("T", "Gone", S::DeleteComplete),
            event(own, "s", S::DeleteInProgress),
            event("T", "Old", S::DeleteFailed),
            event(own, "s", S::DeleteInProgress),
        ];
        let found: Vec<_> = causes(&newest_first)
            .into_iter()
            .map(|cause| cause.resource)
            .collect();
        assert_eq!(found, ["First", "Later"]);
    }
}
