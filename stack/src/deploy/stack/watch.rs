//! Looks at a stack until nothing runs on it, and shows what happens.

use aws_sdk_cloudformation::types::{Stack, StackStatus};

use super::calls::{CloudFormation, Patience, Since};
use super::happening::{Happening, NESTED, first_failure, newest_operation};
use super::settle::{Standing, standing};
use super::wish::Wish;
use crate::deploy::failure::Failure;
use crate::deploy::{DeployError, Step};

/// How deep stacks are nested in stacks at most.
const DEEPEST: usize = 5;

/// How an operation ended.
pub(super) struct Watched {
    pub(super) standing: Standing,
    pub(super) status: Option<StackStatus>,
    /// What CloudFormation says about the status.
    pub(super) reason: Option<String>,
    pub(super) happenings: Vec<Happening>,
}

/// Waits until no operation runs on the stack. However often a look is throttled or fails, the outcome is the
/// stack's: only credentials that are no good any more end the watching.
pub(super) async fn watch(
    cloudformation: &CloudFormation,
    stack: &Stack,
    mut since: Since,
    step: &Step,
) -> Result<Watched, DeployError> {
    let name = stack.stack_name().unwrap_or_default();
    // A stack that is gone is found by its id alone.
    let id = stack.stack_id().unwrap_or(name);
    let (mut happenings, mut quiet) = (Vec::new(), 0);
    loop {
        let found = cloudformation.stack(Patience::Endless, id).await?;
        let (status, reason) = found.map_or((None, None), |stack| {
            (stack.stack_status, stack.stack_status_reason)
        });
        let news = cloudformation
            .happenings(Patience::Endless, id, &since)
            .await?;
        for news in &news {
            step.happened(name, news);
        }
        quiet = if news.is_empty() { quiet + 1 } else { 0 };
        if let Some(last) = news.last() {
            since = Since::Event(last.event.clone());
        }
        happenings.extend(news);
        let standing = standing(status.as_ref());
        if standing != Standing::Running {
            return Ok(Watched {
                standing,
                status,
                reason,
                happenings,
            });
        }
        tokio::time::sleep(cloudformation.pace().before_look(quiet)).await;
    }
}

/// The error of an operation that did not end as asked: the first cause, however deep it is nested.
pub(super) async fn failure(
    cloudformation: &CloudFormation,
    wish: &Wish<'_>,
    watched: &Watched,
) -> Result<DeployError, DeployError> {
    let operation = newest_operation(&watched.happenings);
    let mut first = first_failure(operation)
        .cloned()
        .unwrap_or_else(|| Happening {
            resource: wish.stack.to_owned(),
            kind: NESTED.to_owned(),
            status: status_text(watched.status.as_ref()),
            reason: watched.reason.clone().unwrap_or_default(),
            is_stack: true,
            ..Happening::default()
        });
    for _ in 0..DEEPEST {
        if first.is_stack || first.kind != NESTED || !first.physical.starts_with("arn:") {
            break;
        }
        let inner = cloudformation
            .happenings(Patience::Short, &first.physical, &Since::Begin)
            .await?;
        match first_failure(&inner) {
            Some(cause) => first = cause.clone(),
            None => break,
        }
    }
    let status = status_text(watched.status.as_ref());
    Ok(DeployError::Failed(Box::new(Failure::of(
        wish.stack,
        Some(wish.template),
        &status,
        &first,
    ))))
}

/// A status as CloudFormation writes it; empty for a stack that is gone.
pub(super) fn status_text(status: Option<&StackStatus>) -> String {
    status.map_or_else(String::new, |status| status.as_str().to_owned())
}
