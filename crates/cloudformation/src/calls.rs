//! Calls of CloudFormation: throttled, retried where that can help, and converted to our types. Calls that
//! change something are in `mutations`.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{EventType, Stack, TemplateStage};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;

use crate::call_failure::{CallFailure, FailureKind};
use crate::error::{Refusal, StackError};
use crate::plan::parameters_of;
use crate::resource_event::ResourceEvent;
use crate::throttle::Throttle;

/// The CloudFormation client of one account and region.
#[derive(Clone, Debug)]
pub struct CloudFormation {
    client: Client,
    throttle: Arc<Throttle>,
}

/// How long a call is retried after transient failures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Patience {
    /// No operation is running: throttled calls are retried, but a missing response soon is an error.
    Short,
    /// An operation is running: only invalid credentials or a refusal end the retries.
    Endless,
}

impl Patience {
    /// Returns the maximum number of retries after failures of this kind.
    const fn most_retries(self, kind: FailureKind) -> u32 {
        match (kind, self) {
            (FailureKind::SignedOut | FailureKind::Refused, _) => 0,
            (_, Self::Endless) => u32::MAX,
            (FailureKind::Throttled, Self::Short) => THROTTLED,
            (FailureKind::Unreachable, Self::Short) => UNREACHABLE,
        }
    }
}

/// The first event to return.
#[derive(Clone, Debug)]
pub(crate) enum Since {
    /// The beginning of the newest operation.
    Begin,
    /// After the event with this id.
    Event(String),
}

/// The maximum number of retries without a response while no operation is running.
const UNREACHABLE: u32 = 5;

/// The maximum number of retries of a throttled call while no operation is running: a few minutes.
const THROTTLED: u32 = 40;

impl CloudFormation {
    /// Creates a client. All clients that share `throttle` together call no faster than the account allows.
    #[must_use]
    pub fn new(sdk: &aws_types::SdkConfig, throttle: Arc<Throttle>) -> Self {
        // The SDK's own retries would bypass the throttle.
        let config = aws_sdk_cloudformation::config::Builder::from(sdk)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            throttle,
        }
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Calls `action` for the stack `stack`, and retries it while that can help.
    pub(crate) async fn call<T, E, R, F>(
        &self,
        patience: Patience,
        action: &'static str,
        stack: &str,
        send: impl Fn(Client) -> F,
    ) -> Result<T, Box<Refusal>>
    where
        F: Future<Output = Result<T, SdkError<E, R>>>,
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        let mut retries = 0;
        loop {
            self.throttle.wait_turn().await;
            let failure = match send(self.client.clone()).await {
                Ok(answer) => {
                    self.throttle.record_response();
                    return Ok(answer);
                }
                Err(error) => {
                    CallFailure::of(format!("cloudformation {action} of `{stack}`"))(error)
                }
            };
            if failure.kind == FailureKind::Throttled {
                self.throttle.record_throttling();
            }
            if retries >= patience.most_retries(failure.kind) {
                return Err(Box::new(Refusal {
                    stack: stack.to_owned(),
                    action,
                    failure,
                }));
            }
            tokio::time::sleep(self.throttle.delay_after_failure(retries)).await;
            retries = retries.saturating_add(1);
        }
    }

    /// Describes a stack by its name or id; `None` if it does not exist.
    pub(crate) async fn stack(
        &self,
        patience: Patience,
        stack: &str,
    ) -> Result<Option<Stack>, StackError> {
        let answer = self
            .call(patience, "DescribeStacks", stack, |client| {
                client.describe_stacks().stack_name(stack).send()
            })
            .await;
        match answer {
            Ok(answer) => Ok(answer.stacks.unwrap_or_default().into_iter().next()),
            Err(refusal) if refusal.is_absent() => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Returns the events of a stack, oldest first.
    pub(crate) async fn events(
        &self,
        patience: Patience,
        stack: &str,
        since: &Since,
    ) -> Result<Vec<ResourceEvent>, StackError> {
        let (mut found, mut next) = (Vec::new(), None);
        'pages: loop {
            let answer = self
                .call(patience, "DescribeStackEvents", stack, |client| {
                    let call = client.describe_stack_events().stack_name(stack);
                    call.set_next_token(next.clone()).send()
                })
                .await;
            let page = match answer {
                Ok(page) => page,
                Err(refusal) if refusal.is_absent() => break,
                Err(refusal) => {
                    return Err(refusal.into());
                }
            };
            for event in page.stack_events.unwrap_or_default() {
                let event = ResourceEvent::from(event);
                if matches!(since, Since::Event(id) if *id == event.id) {
                    break 'pages;
                }
                let begins = matches!(since, Since::Begin) && event.begins();
                found.push(event);
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

    /// Returns the deployed template as JSON.
    pub(crate) async fn template(&self, stack: &str) -> Result<serde_json::Value, StackError> {
        let answer = self
            .call(Patience::Short, "GetTemplate", stack, |client| {
                let call = client.get_template().stack_name(stack);
                call.template_stage(TemplateStage::Original).send()
            })
            .await?;
        let body = answer.template_body.unwrap_or_default();
        Ok(serde_json::from_str(&body)
            .or_else(|_| serde_yaml::from_str(&body))
            .unwrap_or_default())
    }

    /// Returns a page of a change set, with the property values before and after.
    pub(crate) async fn change_set(
        &self,
        stack: &str,
        name: &str,
        page: Option<String>,
    ) -> Result<DescribeChangeSetOutput, StackError> {
        self.call(Patience::Short, "DescribeChangeSet", stack, |client| {
            let call = client.describe_change_set();
            call.stack_name(stack)
                .change_set_name(name)
                .include_property_values(true)
                .set_next_token(page.clone())
                .send()
        })
        .await
        .map_err(StackError::from)
    }

    /// Returns the findings of early validation in a change set: logical id and reason. Empty where they are
    /// not available.
    pub(crate) async fn findings(&self, stack: &str, name: &str) -> Vec<(String, String)> {
        let answer = self
            .call(Patience::Short, "DescribeEvents", stack, |client| {
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

    /// Returns the value of a stack's tag; `None` if the stack or the tag does not exist.
    ///
    /// # Errors
    ///
    /// Fails if CloudFormation cannot be called.
    pub async fn tag(&self, stack: &str, key: &str) -> Result<Option<String>, StackError> {
        let found = self.stack(Patience::Short, stack).await?;
        let tags = found.and_then(|stack| stack.tags).unwrap_or_default();
        let tag = tags.into_iter().find(|tag| tag.key() == Some(key));
        Ok(tag.and_then(|tag| tag.value))
    }

    /// Returns the values of a stack's parameters; empty if the stack does not exist.
    ///
    /// # Errors
    ///
    /// Fails if CloudFormation cannot be called.
    pub async fn parameters(&self, stack: &str) -> Result<BTreeMap<String, String>, StackError> {
        let found = self.stack(Patience::Short, stack).await?;
        Ok(found.as_ref().map(parameters_of).unwrap_or_default())
    }

    /// Returns the outputs of a stack by name; `None` if the stack does not exist.
    ///
    /// # Errors
    ///
    /// Fails if CloudFormation cannot be called.
    pub async fn outputs(
        &self,
        stack: &str,
    ) -> Result<Option<BTreeMap<String, String>>, StackError> {
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

/// Returns the outputs of a stack by name; `None` if the stack does not exist.
///
/// # Errors
///
/// Fails if CloudFormation cannot be called.
pub async fn outputs_of(
    client: &Client,
    stack: &str,
) -> Result<Option<BTreeMap<String, String>>, StackError> {
    let cloudformation = CloudFormation {
        client: client.clone(),
        throttle: Arc::default(),
    };
    cloudformation.outputs(stack).await
}
