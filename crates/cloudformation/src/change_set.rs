//! Change sets.

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    ChangeSetStatus, ChangeSetType, ExecutionStatus, ResourceChange,
};

use crate::calls::CloudFormation;
use crate::desired::DesiredStack;
use crate::error::StackError;
use crate::explain::explain;
use crate::failure::{Failure, locate};

/// Creates the change set `name` and returns its changes; `None` if the stack is already in the desired
/// state.
///
/// A change set of an earlier, interrupted command is reused; one that was executed or is outdated is created
/// again.
pub(crate) async fn create(
    cloudformation: &CloudFormation,
    desired: &DesiredStack<'_>,
    name: &str,
    kind: &ChangeSetType,
) -> Result<Option<Vec<ResourceChange>>, StackError> {
    loop {
        cloudformation
            .create_change_set(desired, name, kind)
            .await?;
        let set = wait(cloudformation, desired.stack, name).await?;
        let ready = matches!(
            set.execution_status(),
            None | Some(ExecutionStatus::Available)
        );
        match set.status() {
            Some(ChangeSetStatus::CreateComplete) if ready => {
                let changes = all_changes(cloudformation, desired.stack, name, set).await?;
                return Ok(Some(changes));
            }
            Some(ChangeSetStatus::Failed) => {
                let reason = set.status_reason().unwrap_or_default();
                let failure = if has_no_changes(reason) {
                    None
                } else {
                    Some(refused(cloudformation, desired, name, reason).await)
                };
                let deleted = cloudformation.delete_change_set(desired.stack, name);
                deleted.await?;
                return failure.map_or(Ok(None), Err);
            }
            _ => {
                let deleted = cloudformation.delete_change_set(desired.stack, name);
                deleted.await?;
            }
        }
    }
}

/// Waits until the change set is created or has failed.
async fn wait(
    cloudformation: &CloudFormation,
    stack: &str,
    name: &str,
) -> Result<DescribeChangeSetOutput, StackError> {
    let mut quiet = 0;
    loop {
        let set = cloudformation.change_set(stack, name, None).await?;
        let pending = matches!(
            set.status(),
            Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress)
        );
        if !pending {
            return Ok(set);
        }
        tokio::time::sleep(cloudformation.throttle().delay_before_poll(quiet)).await;
        quiet += 1;
    }
}

async fn all_changes(
    cloudformation: &CloudFormation,
    stack: &str,
    name: &str,
    mut page: DescribeChangeSetOutput,
) -> Result<Vec<ResourceChange>, StackError> {
    let mut changes = Vec::new();
    loop {
        let resources = page.changes.take().unwrap_or_default().into_iter();
        changes.extend(resources.filter_map(|change| change.resource_change));
        let Some(next) = page.next_token.take() else {
            return Ok(changes);
        };
        page = cloudformation.change_set(stack, name, Some(next)).await?;
    }
}

/// Returns the error of a change set that could not be created, with the resource that validation names, if any.
async fn refused(
    cloudformation: &CloudFormation,
    desired: &DesiredStack<'_>,
    name: &str,
    reason: &str,
) -> StackError {
    let findings = cloudformation.findings(desired.stack, name).await;
    let kind_of = |id: &str| {
        let mut resources = desired.template.resources();
        resources
            .find(|(known, _)| *known == id)
            .map_or("", |(_, kind)| kind)
    };
    let general = explain("", reason, "");
    let (resource, words) = match findings.into_iter().next() {
        Some((resource, words)) => (resource, Some(words)),
        None => (named_in(desired, reason).unwrap_or_default(), None),
    };
    let kind = kind_of(&resource);
    let specific = words.as_deref().map(|words| explain("", words, kind));
    StackError::Failed(Box::new(Failure {
        stack: desired.stack.to_owned(),
        place: locate(desired.template, &resource),
        kind: kind.to_owned(),
        resource: if resource.is_empty() {
            "the change set".to_owned()
        } else {
            resource
        },
        cause: specific.map_or(general.cause, |it| it.cause),
        words: words.unwrap_or_else(|| reason.to_owned()),
        status: String::new(),
        advice: general.advice,
    }))
}

/// Returns the first resource of the template that the reason names in brackets.
fn named_in(desired: &DesiredStack<'_>, reason: &str) -> Option<String> {
    let mut words = reason.split(|it: char| !it.is_ascii_alphanumeric());
    words
        .find(|word| desired.template.resources().any(|(id, _)| id == *word))
        .map(str::to_owned)
}

/// CloudFormation reports an empty change set as a failure, which only its text distinguishes from others.
fn has_no_changes(reason: &str) -> bool {
    ["didn't contain changes", "No updates are to be performed"]
        .iter()
        .any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cloudformations_own_text_means_no_change() {
        assert!(has_no_changes(
            "The submitted information didn't contain changes. Submit different information"
        ));
        assert!(!has_no_changes(
            "Template format error: unresolved resource dependency"
        ));
    }
}
