//! A change set: what CloudFormation would do, before it does it.

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    ChangeSetStatus, ChangeSetType, ExecutionStatus, ResourceChange,
};

use super::calls::CloudFormation;
use super::wish::Wish;
use crate::deploy::DeployError;
use crate::deploy::explain::explain;
use crate::deploy::failure::{Failure, place};

/// Makes the change set of that name and gives its changes; `None` when the stack already is as wanted.
///
/// One that a command left that was cut off is taken up; one that was executed or is out of date is made anew.
pub(super) async fn make(
    cloudformation: &CloudFormation,
    wish: &Wish<'_>,
    name: &str,
    kind: &ChangeSetType,
) -> Result<Option<Vec<ResourceChange>>, DeployError> {
    loop {
        cloudformation.create_change_set(wish, name, kind).await?;
        let set = wait(cloudformation, wish.stack, name).await?;
        let ready = matches!(
            set.execution_status(),
            None | Some(ExecutionStatus::Available)
        );
        match set.status() {
            Some(ChangeSetStatus::CreateComplete) if ready => {
                return all_changes(cloudformation, wish.stack, name, set)
                    .await
                    .map(Some);
            }
            Some(ChangeSetStatus::Failed) => {
                let reason = set.status_reason().unwrap_or_default();
                if holds_no_change(reason) {
                    cloudformation.delete_change_set(wish.stack, name).await?;
                    return Ok(None);
                }
                let failure = refused(cloudformation, wish, name, reason).await;
                cloudformation.delete_change_set(wish.stack, name).await?;
                return Err(failure);
            }
            _ => cloudformation.delete_change_set(wish.stack, name).await?,
        }
    }
}

/// Waits until the change set is made, or is not going to be.
async fn wait(
    cloudformation: &CloudFormation,
    stack: &str,
    name: &str,
) -> Result<DescribeChangeSetOutput, DeployError> {
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
        tokio::time::sleep(cloudformation.pace().before_look(quiet)).await;
        quiet += 1;
    }
}

async fn all_changes(
    cloudformation: &CloudFormation,
    stack: &str,
    name: &str,
    mut page: DescribeChangeSetOutput,
) -> Result<Vec<ResourceChange>, DeployError> {
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

/// The error of a change set that could not be made: the resource that validation names, if it names one.
async fn refused(
    cloudformation: &CloudFormation,
    wish: &Wish<'_>,
    name: &str,
    reason: &str,
) -> DeployError {
    let findings = cloudformation.findings(wish.stack, name).await;
    let kind_of = |id: &str| {
        let mut resources = wish.template.resources();
        resources
            .find(|(known, _)| *known == id)
            .map_or("", |(_, kind)| kind)
    };
    let general = explain("", reason, "");
    let (resource, words) = match findings.into_iter().next() {
        Some((resource, words)) => (resource, Some(words)),
        None => (named_in(wish, reason).unwrap_or_default(), None),
    };
    let kind = kind_of(&resource);
    let specific = words.as_deref().map(|words| explain("", words, kind));
    DeployError::Failed(Box::new(Failure {
        stack: wish.stack.to_owned(),
        place: place(wish.template, &resource),
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

/// The first resource of the template that the reason names, as CloudFormation does in brackets.
fn named_in(wish: &Wish<'_>, reason: &str) -> Option<String> {
    let mut words = reason.split(|it: char| !it.is_ascii_alphanumeric());
    words
        .find(|word| wish.template.resources().any(|(id, _)| id == *word))
        .map(str::to_owned)
}

/// CloudFormation calls an empty change set a failure and tells it apart only in words.
fn holds_no_change(reason: &str) -> bool {
    ["didn't contain changes", "No updates are to be performed"]
        .iter()
        .any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cloudformations_own_words_mean_no_change() {
        assert!(holds_no_change(
            "The submitted information didn't contain changes. Submit different information"
        ));
        assert!(!holds_no_change(
            "Template format error: unresolved resource dependency"
        ));
    }
}
