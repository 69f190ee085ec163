//! A change set: what CloudFormation would do, before it does it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter, Tag};
use sha2::{Digest, Sha256};

use super::DeployError;

/// What is asked of CloudFormation for one stack.
pub(super) struct Wanted<'a> {
    pub(super) stack: &'a str,
    pub(super) template: &'a str,
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) tags: &'a BTreeMap<String, String>,
}

impl Wanted<'_> {
    /// The same wish has the same name: a deploy that was cut off finds its own change set.
    pub(super) fn name(&self) -> String {
        let mut sha = Sha256::new();
        for text in [self.stack, self.template] {
            sha.update(text);
            sha.update([0]);
        }
        for (key, value) in self.parameters.iter().chain(self.tags) {
            sha.update(key);
            sha.update([0]);
            sha.update(value);
            sha.update([0]);
        }
        sha.finalize()
            .iter()
            .take(12)
            .fold("deploy-".to_owned(), |name, byte| {
                name + &format!("{byte:02x}")
            })
    }
}

/// Makes the change set; `None` when the stack already is as wanted.
///
/// One of the same name is deleted first, so that making it again is harmless.
pub(super) async fn create(
    client: &Client,
    wanted: &Wanted<'_>,
    kind: ChangeSetType,
) -> Result<Option<String>, DeployError> {
    let name = wanted.name();
    delete(client, wanted.stack, &name).await?;
    let parameters = wanted.parameters.iter().map(|(key, value)| {
        Parameter::builder()
            .parameter_key(key)
            .parameter_value(value)
            .build()
    });
    let tags = wanted
        .tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    client
        .create_change_set()
        .stack_name(wanted.stack)
        .change_set_name(&name)
        .change_set_type(kind)
        .template_body(wanted.template)
        .capabilities(Capability::CapabilityNamedIam)
        .set_parameters(Some(parameters.collect()))
        .set_tags(Some(tags.collect()))
        .send()
        .await
        .map_err(DeployError::call(format!(
            "cloudformation CreateChangeSet for `{}`",
            wanted.stack
        )))?;
    if wait_created(client, wanted.stack, &name).await? {
        return Ok(Some(name));
    }
    delete(client, wanted.stack, &name).await?;
    Ok(None)
}

/// Whether the change set holds a change.
async fn wait_created(client: &Client, stack: &str, name: &str) -> Result<bool, DeployError> {
    let mut pause = Duration::from_millis(50);
    loop {
        let set = client
            .describe_change_set()
            .stack_name(stack)
            .change_set_name(name)
            .send()
            .await
            .map_err(DeployError::call(format!(
                "cloudformation DescribeChangeSet for `{stack}`"
            )))?;
        match set.status() {
            Some(ChangeSetStatus::CreateComplete) => return Ok(true),
            Some(ChangeSetStatus::Failed) => {
                let reason = set.status_reason().unwrap_or("no reason was given");
                return if holds_no_change(reason) {
                    Ok(false)
                } else {
                    Err(DeployError::Refused {
                        stack: stack.to_owned(),
                        reason: reason.to_owned(),
                    })
                };
            }
            _ => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// CloudFormation calls an empty change set a failure and tells it apart only in words.
fn holds_no_change(reason: &str) -> bool {
    ["didn't contain changes", "No updates are to be performed"]
        .iter()
        .any(|words| reason.contains(words))
}

/// Deletes the change set; an absent one, or one of an absent stack, is fine.
async fn delete(client: &Client, stack: &str, name: &str) -> Result<(), DeployError> {
    let deleted = client
        .delete_change_set()
        .stack_name(stack)
        .change_set_name(name)
        .send()
        .await;
    match deleted {
        Err(error)
            if aws_smithy_types::error::metadata::ProvideErrorMetadata::code(&error)
                .is_some_and(|code| code == "ValidationError" || code.contains("NotFound")) =>
        {
            Ok(())
        }
        other => other.map(drop).map_err(DeployError::call(format!(
            "cloudformation DeleteChangeSet `{name}` of `{stack}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_wish_has_the_same_name_and_every_part_of_it_counts() {
        let (none, one) = (
            BTreeMap::new(),
            BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        );
        let wish = |stack, template, parameters| Wanted {
            stack,
            template,
            parameters,
            tags: &none,
        };
        let name = wish("s", "t", &none).name();
        assert_eq!(wish("s", "t", &none).name(), name);
        assert!(name.len() <= 128 && name.starts_with("deploy-"));
        for other in [
            wish("s", "u", &none),
            wish("r", "t", &none),
            wish("s", "t", &one),
        ] {
            assert_ne!(other.name(), name);
        }
    }

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
