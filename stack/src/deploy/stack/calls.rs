//! CloudFormation's calls: paced, repeated when a repetition can help, and narrowed to our types. Those that change
//! something are in `orders`.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{EventType, Stack, TemplateStage};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;

use super::happening::Happening;
use super::pace::Pace;
use super::plan::parameters_of;
use super::trouble::{Trouble, TroubleKind};
use crate::deploy::DeployError;

/// CloudFormation of one account and region.
#[derive(Clone, Debug)]
pub struct CloudFormation {
    client: Client,
    pace: Arc<Pace>,
}

/// How long a call is repeated that fails for a passing reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Patience {
    /// A person waits and nothing is under way: throttles are sat out, but no answer at all is an error soon.
    Short,
    /// An operation is under way: only bad credentials or a clear no end the asking.
    Endless,
}

/// Since when events are asked for.
#[derive(Clone, Debug)]
pub(super) enum Since {
    /// The begin of the newest operation.
    Begin,
    /// After the event of that id.
    Event(String),
}

/// How often a call without an answer is repeated while nothing is under way.
const UNREACHABLE: u32 = 5;

/// How often a throttled call is repeated while nothing is under way: a few minutes.
const THROTTLED: u32 = 40;

impl CloudFormation {
    /// CloudFormation as `sdk` reaches it. Everything that shares `pace` asks no faster than the account answers.
    #[must_use]
    pub fn new(sdk: &aws_types::SdkConfig, pace: Arc<Pace>) -> Self {
        // The SDK's own repetitions would be as many calls more that the pace does not see.
        let config = aws_sdk_cloudformation::config::Builder::from(sdk)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            pace,
        }
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Makes one call, again and again while that can help.
    pub(super) async fn call<T, E, R, F>(
        &self,
        patience: Patience,
        send: impl Fn(Client) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, SdkError<E, R>>>,
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        let mut refusals = 0;
        loop {
            self.pace.turn().await;
            let trouble = match send(self.client.clone()).await {
                Ok(answer) => {
                    self.pace.served();
                    return Ok(answer);
                }
                Err(error) => Trouble::of(&error),
            };
            let most = match (trouble.kind, patience) {
                (TroubleKind::SignedOut | TroubleKind::Refused, _) => 0,
                (_, Patience::Endless) => u32::MAX,
                (TroubleKind::Throttled, Patience::Short) => THROTTLED,
                (TroubleKind::Unreachable, Patience::Short) => UNREACHABLE,
            };
            if trouble.kind == TroubleKind::Throttled {
                self.pace.throttled();
            }
            if refusals >= most {
                return Err(trouble);
            }
            tokio::time::sleep(self.pace.after_refusal(refusals)).await;
            refusals = refusals.saturating_add(1);
        }
    }

    /// The stack as it is, by its name or its id; `None` when there is none.
    pub(super) async fn stack(
        &self,
        patience: Patience,
        stack: &str,
    ) -> Result<Option<Stack>, DeployError> {
        let answer = self
            .call(patience, |client| {
                client.describe_stacks().stack_name(stack).send()
            })
            .await;
        match answer {
            Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
            Err(trouble) if trouble.is_absent() => Ok(None),
            Err(trouble) => Err(DeployError::refused("DescribeStacks", stack, &trouble)),
        }
    }

    /// What happened to the stack since then, oldest first.
    pub(super) async fn happenings(
        &self,
        patience: Patience,
        stack: &str,
        since: &Since,
    ) -> Result<Vec<Happening>, DeployError> {
        let (mut found, mut next) = (Vec::new(), None);
        'pages: loop {
            let answer = self
                .call(patience, |client| {
                    let call = client.describe_stack_events().stack_name(stack);
                    call.set_next_token(next.clone()).send()
                })
                .await;
            let page = match answer {
                Ok(page) => page,
                Err(trouble) if trouble.is_absent() => break,
                Err(trouble) => {
                    return Err(DeployError::refused("DescribeStackEvents", stack, &trouble));
                }
            };
            for event in page.stack_events.unwrap_or_default() {
                let happening = Happening::from(event);
                if matches!(since, Since::Event(id) if *id == happening.event) {
                    break 'pages;
                }
                let begins = matches!(since, Since::Begin) && happening.begins();
                found.push(happening);
                if begins {
                    break 'pages;
                }
            }
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }

    /// The template as it is deployed, as JSON.
    pub(super) async fn template(&self, stack: &str) -> Result<serde_json::Value, DeployError> {
        let answer = self
            .call(Patience::Short, |client| {
                let call = client.get_template().stack_name(stack);
                call.template_stage(TemplateStage::Original).send()
            })
            .await
            .map_err(|trouble| DeployError::refused("GetTemplate", stack, &trouble))?;
        let body = answer.template_body.unwrap_or_default();
        Ok(serde_json::from_str(&body)
            .or_else(|_| serde_yaml::from_str(&body))
            .unwrap_or_default())
    }

    /// A page of a change set, with the values of properties before and after.
    pub(super) async fn change_set(
        &self,
        stack: &str,
        name: &str,
        page: Option<String>,
    ) -> Result<DescribeChangeSetOutput, DeployError> {
        self.call(Patience::Short, |client| {
            let call = client.describe_change_set();
            call.stack_name(stack)
                .change_set_name(name)
                .include_property_values(true)
                .set_next_token(page.clone())
                .send()
        })
        .await
        .map_err(|trouble| DeployError::refused("DescribeChangeSet", stack, &trouble))
    }

    /// What early validation found in a change set: logical id and reason. Nothing where it cannot be asked.
    pub(super) async fn findings(&self, stack: &str, name: &str) -> Vec<(String, String)> {
        let answer = self
            .call(Patience::Short, |client| {
                let call = client.describe_events();
                call.stack_name(stack).change_set_name(name).send()
            })
            .await;
        let events = answer
            .ok()
            .and_then(|answer| answer.operation_events)
            .unwrap_or_default();
        events
            .into_iter()
            .filter(|event| event.event_type == Some(EventType::ValidationError))
            .filter_map(|event| {
                let reason = event.validation_status_reason?;
                Some((event.logical_resource_id.unwrap_or_default(), reason))
            })
            .collect()
    }

    /// The value of a stack's tag; `None` when there is no such tag or stack.
    ///
    /// # Errors
    ///
    /// When CloudFormation cannot be asked.
    pub async fn tag(&self, stack: &str, key: &str) -> Result<Option<String>, DeployError> {
        let found = self.stack(Patience::Short, stack).await?;
        let tags = found.and_then(|stack| stack.tags).unwrap_or_default();
        let tag = tags.into_iter().find(|tag| tag.key() == Some(key));
        Ok(tag.and_then(|tag| tag.value))
    }

    /// The values of a stack's parameters; none when there is no such stack.
    ///
    /// # Errors
    ///
    /// When CloudFormation cannot be asked.
    pub async fn parameters(&self, stack: &str) -> Result<BTreeMap<String, String>, DeployError> {
        let found = self.stack(Patience::Short, stack).await?;
        Ok(found.as_ref().map(parameters_of).unwrap_or_default())
    }

    /// What a stack gives, by the names of its outputs; `None` when there is no such stack.
    ///
    /// # Errors
    ///
    /// When CloudFormation cannot be asked.
    pub async fn outputs(
        &self,
        stack: &str,
    ) -> Result<Option<BTreeMap<String, String>>, DeployError> {
        Ok(self.stack(Patience::Short, stack).await?.map(|stack| {
            stack
                .outputs
                .unwrap_or_default()
                .into_iter()
                .filter_map(|output| Some((output.output_key?, output.output_value?)))
                .collect()
        }))
    }
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
    let cloudformation = CloudFormation {
        client: client.clone(),
        pace: Arc::default(),
    };
    cloudformation.outputs(stack).await
}
