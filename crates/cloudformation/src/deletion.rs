//! Deletes a stack.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, Stack, StackEvent, StackStatus};

use crate::call_failure::{CallFailure, FailureKind};
use crate::observer::Observer;
use crate::resource_event::NESTED;

/// The shortest and the longest delay between two polls.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// How a deletion ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Deletion {
    /// The stack no longer exists.
    Complete,
    /// The stack remains because of these resources, in the order of their failures.
    Failed(Vec<DeletionFailure>),
}

/// A resource that CloudFormation could not delete.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeletionFailure {
    /// The logical id.
    pub resource: String,
    /// The physical id.
    pub name: String,
    pub kind: String,
    /// CloudFormation's reason.
    pub reason: String,
}

/// Requests the deletion of the stack `name` with the ARN `id`, and waits until it has ended. If a deletion is
/// already running, only waits for it.
///
/// # Errors
///
/// Fails if CloudFormation cannot be called.
pub async fn delete(
    client: &Client,
    name: &str,
    id: &str,
    observer: &dyn Observer,
) -> Result<Deletion, CallFailure> {
    request(client, name, id).await?;
    watch(client, id, observer).await
}

/// Describes a stack by its name or ARN; `None` if it does not exist.
///
/// # Errors
///
/// Fails if CloudFormation cannot be called.
pub async fn describe(client: &Client, stack: &str) -> Result<Option<Stack>, CallFailure> {
    let answer = client.describe_stacks().stack_name(stack).send().await;
    match answer.map_err(CallFailure::of(format!(
        "cloudformation DescribeStacks of `{stack}`"
    ))) {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
        Err(failure) if failure.is_absent() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Ends the termination protection of a stack; an absent one is ignored.
///
/// # Errors
///
/// Fails if CloudFormation cannot be called.
pub async fn end_protection(client: &Client, stack: &str) -> Result<(), CallFailure> {
    let done = client
        .update_termination_protection()
        .stack_name(stack)
        .enable_termination_protection(false)
        .send()
        .await
        .map_err(CallFailure::of(format!(
            "cloudformation UpdateTerminationProtection of `{stack}`"
        )));
    match done {
        Err(failure) if !failure.is_absent() => Err(failure),
        _ => Ok(()),
    }
}

/// Requests the deletion after other operations have ended; a running creation can be deleted at once.
async fn request(client: &Client, name: &str, id: &str) -> Result<(), CallFailure> {
    let mut pause = PAUSES[0];
    while let Some(status) = describe(client, id).await?.and_then(|it| it.stack_status) {
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
        .stack_name(name)
        .send()
        .await
        .map(drop)
        .map_err(CallFailure::of(format!(
            "cloudformation DeleteStack `{name}`"
        )))
}

/// Waits until the deletion ends and shows its progress. A throttled poll decides nothing.
async fn watch(
    client: &Client,
    id: &str,
    observer: &dyn Observer,
) -> Result<Deletion, CallFailure> {
    let mut pause = PAUSES[0];
    loop {
        let status = match describe(client, id).await {
            Ok(found) => found.and_then(|it| it.stack_status),
            Err(failure) if failure.kind == FailureKind::Throttled => {
                tokio::time::sleep(PAUSES[1]).await;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        match status {
            None | Some(StackStatus::DeleteComplete) => return Ok(Deletion::Complete),
            Some(StackStatus::DeleteInProgress) => {}
            Some(_) => return Ok(Deletion::Failed(failures(&events(client, id).await?))),
        }
        if let Ok(events) = events(client, id).await
            && let Some(newest) = events.first()
        {
            let resource = newest.logical_resource_id().unwrap_or_default();
            let status = newest.resource_status().map_or("", ResourceStatus::as_str);
            observer.activity(&format!("{resource} {status}"));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSES[1]);
    }
}

/// Returns one page of events, the newest first.
async fn events(client: &Client, stack: &str) -> Result<Vec<StackEvent>, CallFailure> {
    let answer = client.describe_stack_events().stack_name(stack).send();
    match answer.await.map_err(CallFailure::of(format!(
        "cloudformation DescribeStackEvents of `{stack}`"
    ))) {
        Ok(page) => Ok(page.stack_events.unwrap_or_default()),
        Err(failure) if failure.is_absent() || failure.kind == FailureKind::Throttled => {
            Ok(Vec::new())
        }
        Err(failure) => Err(failure),
    }
}

/// Returns the failures since the newest deletion began, oldest first.
fn failures(newest_first: &[StackEvent]) -> Vec<DeletionFailure> {
    let is_begin = |event: &&StackEvent| {
        event.resource_type() == Some(NESTED)
            && event.resource_status() == Some(&ResourceStatus::DeleteInProgress)
    };
    let mut failures: Vec<_> = newest_first
        .iter()
        .take_while(|event| !is_begin(event))
        .filter(|event| event.resource_status() == Some(&ResourceStatus::DeleteFailed))
        .filter(|event| event.resource_type() != Some(NESTED))
        .map(|event| {
            let text = |found: Option<&str>| found.unwrap_or_default().to_owned();
            DeletionFailure {
                resource: text(event.logical_resource_id()),
                name: text(event.physical_resource_id()),
                kind: text(event.resource_type()),
                reason: text(event.resource_status_reason()),
            }
        })
        .collect();
    failures.reverse();
    failures
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
        let own = NESTED;
        let newest_first = [
            event(own, "s", S::DeleteFailed),
            event("T", "Later", S::DeleteFailed),
            event("T", "First", S::DeleteFailed),
            event("T", "Gone", S::DeleteComplete),
            event(own, "s", S::DeleteInProgress),
            event("T", "Old", S::DeleteFailed),
            event(own, "s", S::DeleteInProgress),
        ];
        let found: Vec<_> = failures(&newest_first)
            .into_iter()
            .map(|failure| failure.resource)
            .collect();
        assert_eq!(found, ["First", "Later"]);
    }
}
