//! Deploys one CloudFormation stack, and reads what it gives.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ChangeSetType, Stack, StackEvent, StackStatus};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::change_set::{self, Wanted};
use super::settle::{Before, Standing, before, standing};
use super::{DeployError, Step};

/// What became of a stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StackOutcome {
    /// It was not there before.
    Created,
    /// Something in it changed.
    Updated,
    /// It was as wanted.
    Unchanged,
}

impl StackOutcome {
    /// The word for people and for JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// The longest pause between two looks at a stack.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Brings the stack to what is wanted. Doing it again changes nothing.
pub(super) async fn deploy(
    client: &Client,
    wanted: &Wanted<'_>,
    step: &Step,
) -> Result<StackOutcome, DeployError> {
    let (kind, outcome) = loop {
        let status = describe(client, wanted.stack)
            .await?
            .and_then(|stack| stack.stack_status);
        match before(status.as_ref()) {
            Before::Create => break (ChangeSetType::Create, StackOutcome::Created),
            Before::Update => break (ChangeSetType::Update, StackOutcome::Updated),
            Before::DeleteFirst => {
                step.at("deleting what an earlier failure left");
                delete(client, wanted.stack, step).await?;
            }
            Before::Wait => {
                step.at("waiting for another operation on it");
                watch(client, wanted.stack, step).await?;
            }
            Before::Stuck(advice) => {
                let status = status.map_or_else(String::new, |status| status.as_str().to_owned());
                return Err(DeployError::Stuck {
                    stack: wanted.stack.to_owned(),
                    status,
                    advice,
                });
            }
        }
    };
    let Some(name) = change_set::create(client, wanted, kind).await? else {
        return Ok(StackOutcome::Unchanged);
    };
    client
        .execute_change_set()
        .stack_name(wanted.stack)
        .change_set_name(&name)
        .client_request_token(&name)
        .send()
        .await
        .map_err(DeployError::call(format!(
            "cloudformation ExecuteChangeSet on `{}`",
            wanted.stack
        )))?;
    match watch(client, wanted.stack, step).await? {
        (Standing::Failed, status) => Err(failure(client, wanted.stack, status, &name).await?),
        _ => Ok(outcome),
    }
}

/// Deletes the stack and waits; an absent one is fine.
pub(super) async fn delete(client: &Client, stack: &str, step: &Step) -> Result<(), DeployError> {
    client
        .delete_stack()
        .stack_name(stack)
        .send()
        .await
        .map_err(DeployError::call(format!(
            "cloudformation DeleteStack `{stack}`"
        )))?;
    match watch(client, stack, step).await? {
        (Standing::Failed, status) => Err(failure(client, stack, status, "").await?),
        _ => Ok(()),
    }
}

/// Waits until no operation runs on the stack, showing what it is at.
async fn watch(
    client: &Client,
    stack: &str,
    step: &Step,
) -> Result<(Standing, Option<StackStatus>), DeployError> {
    let mut pause = Duration::from_millis(100);
    loop {
        let status = describe(client, stack)
            .await?
            .and_then(|stack| stack.stack_status);
        let standing = standing(status.as_ref());
        if standing != Standing::Running {
            return Ok((standing, status));
        }
        if let Some(event) = events(client, stack).await?.first() {
            let id = event.logical_resource_id().unwrap_or_default();
            let status = event.resource_status().map_or("", |status| status.as_str());
            step.at(format!("{id} {status}"));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// The error of a stack that did not end as asked: the first resource to fail, not the last.
async fn failure(
    client: &Client,
    stack: &str,
    status: Option<StackStatus>,
    token: &str,
) -> Result<DeployError, DeployError> {
    let events = events(client, stack).await?;
    let ours = |event: &&StackEvent| {
        token.is_empty()
            || event
                .client_request_token()
                .is_none_or(|found| found == token)
    };
    let first = events.iter().rev().filter(ours).find(|event| {
        event
            .resource_status()
            .is_some_and(|status| status.as_str().ends_with("_FAILED"))
    });
    let text = |found: Option<&str>, otherwise: &str| found.unwrap_or(otherwise).to_owned();
    Ok(DeployError::Failed {
        stack: stack.to_owned(),
        status: status.map_or_else(String::new, |status| status.as_str().to_owned()),
        resource: text(first.and_then(StackEvent::logical_resource_id), stack),
        reason: text(
            first.and_then(StackEvent::resource_status_reason),
            "no reason was given",
        ),
    })
}

/// The newest events first, one page of them.
async fn events(client: &Client, stack: &str) -> Result<Vec<StackEvent>, DeployError> {
    let answer = client
        .describe_stack_events()
        .stack_name(stack)
        .send()
        .await;
    match answer {
        Ok(page) => Ok(page.stack_events.unwrap_or_default()),
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(error) => Err(DeployError::call(format!(
            "cloudformation DescribeStackEvents of `{stack}`"
        ))(error)),
    }
}

/// The stack as it is; `None` when there is none.
async fn describe(client: &Client, stack: &str) -> Result<Option<Stack>, DeployError> {
    match client.describe_stacks().stack_name(stack).send().await {
        Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(DeployError::call(format!(
            "cloudformation DescribeStacks of `{stack}`"
        ))(error)),
    }
}

/// CloudFormation has no error of its own for an absent stack.
fn is_absent(error: &impl ProvideErrorMetadata) -> bool {
    error
        .message()
        .is_some_and(|message| message.contains("does not exist"))
}

/// What a stack gives, by the names of its outputs; `None` when there is no such stack.
///
/// # Errors
///
/// When CloudFormation cannot be asked.
pub async fn outputs_of(
    client: &Client,
    stack: &str,
) -> Result<Option<BTreeMap<String, String>>, DeployError> {
    Ok(describe(client, stack).await?.map(|stack| {
        stack
            .outputs
            .unwrap_or_default()
            .into_iter()
            .filter_map(|output| Some((output.output_key?, output.output_value?)))
            .collect()
    }))
}
