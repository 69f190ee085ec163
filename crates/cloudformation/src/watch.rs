//! Polls a stack until no operation is running, and shows its events.

use aws_sdk_cloudformation::types::{Stack, StackStatus};

use crate::calls::{CloudFormation, Patience, Since};
use crate::desired::DesiredStack;
use crate::error::StackError;
use crate::failure::Failure;
use crate::observer::Observer;
use crate::resource_event::{NESTED, ResourceEvent, first_failure, newest_operation};
use crate::status::{OperationState, operation_state};

/// The maximum depth of nested stacks.
const DEEPEST: usize = 5;

/// The result of an operation.
pub(crate) struct Watched {
    pub(crate) operation_state: OperationState,
    pub(crate) status: Option<StackStatus>,
    /// CloudFormation's reason for the status.
    pub(crate) reason: Option<String>,
    pub(crate) events: Vec<ResourceEvent>,
}

/// Waits until no operation is running on the stack. Throttled and failed polls never decide the result; only
/// invalid credentials end the wait early.
pub(crate) async fn watch(
    cloudformation: &CloudFormation,
    stack: &Stack,
    mut since: Since,
    observer: &dyn Observer,
) -> Result<Watched, StackError> {
    let name = stack.stack_name().unwrap_or_default();
    // A deleted stack can only be described by its id.
    let id = stack.stack_id().unwrap_or(name);
    let (mut events, mut quiet) = (Vec::new(), 0);
    loop {
        let found = cloudformation.stack(Patience::Endless, id).await?;
        let (status, reason) = found.map_or((None, None), |stack| {
            (stack.stack_status, stack.stack_status_reason)
        });
        let news = cloudformation.events(Patience::Endless, id, &since).await?;
        for news in &news {
            observer.resource_event(name, news);
        }
        quiet = if news.is_empty() { quiet + 1 } else { 0 };
        if let Some(last) = news.last() {
            since = Since::Event(last.id.clone());
        }
        events.extend(news);
        let operation_state = operation_state(status.as_ref());
        if operation_state != OperationState::Running {
            return Ok(Watched {
                operation_state,
                status,
                reason,
                events,
            });
        }
        tokio::time::sleep(cloudformation.throttle().delay_before_poll(quiet)).await;
    }
}

/// Returns the error of a failed operation: the first cause, also in nested stacks.
pub(crate) async fn failure(
    cloudformation: &CloudFormation,
    desired: &DesiredStack<'_>,
    watched: &Watched,
) -> Result<StackError, StackError> {
    let operation = newest_operation(&watched.events);
    let mut first = first_failure(operation)
        .cloned()
        .unwrap_or_else(|| ResourceEvent {
            resource: desired.stack.to_owned(),
            kind: NESTED.to_owned(),
            status: status_text(watched.status.as_ref()),
            reason: watched.reason.clone().unwrap_or_default(),
            is_stack: true,
            ..ResourceEvent::default()
        });
    for _ in 0..DEEPEST {
        if first.is_stack || first.kind != NESTED || !first.physical.starts_with("arn:") {
            break;
        }
        let inner = cloudformation
            .events(Patience::Short, &first.physical, &Since::Begin)
            .await?;
        match first_failure(&inner) {
            Some(cause) => first = cause.clone(),
            None => break,
        }
    }
    let status = status_text(watched.status.as_ref());
    Ok(StackError::Failed(Box::new(Failure::of(
        desired.stack,
        Some(desired.template),
        &status,
        &first,
    ))))
}

/// Returns CloudFormation's name of a status; empty for an absent stack.
pub(crate) fn status_text(status: Option<&StackStatus>) -> String {
    status.map_or_else(String::new, |status| status.as_str().to_owned())
}
