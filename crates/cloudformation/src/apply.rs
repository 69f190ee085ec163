//! Brings one stack to its desired state.

use aws_sdk_cloudformation::types::{ChangeSetType, Stack, StackStatus};

use crate::calls::{CloudFormation, Patience, Since};
use crate::change_set;
use crate::desired::DesiredStack;
use crate::difference::Filled;
use crate::error::StackError;
use crate::observer::Observer;
use crate::plan::{self, Comparison, Plan};
use crate::repair::Repairs;
use crate::resource_event::first_failure;
use crate::status::{OperationState, Preparation, StackOutcome, preparation};
use crate::watch::{failure, status_text, watch};

/// The result of preparing a stack.
#[derive(Debug)]
pub enum Prepared {
    /// Nothing is left to do.
    Settled(StackOutcome),
    /// The plan to execute.
    Planned(Plan),
}

impl CloudFormation {
    /// Waits for running operations, cleans up after earlier failures, then creates a change set.
    ///
    /// A running operation is awaited, a failed creation is deleted, and a failed rollback is continued.
    ///
    /// # Errors
    ///
    /// Fails if the stack cannot be brought to a state in which it can be deployed, or the change set is
    /// refused.
    pub async fn prepare(
        &self,
        desired: &DesiredStack<'_>,
        repairs: &Repairs,
        observer: &dyn Observer,
    ) -> Result<Prepared, StackError> {
        let mut attached = None;
        let (found, kind) = loop {
            let Some(stack) = self.stack(Patience::Short, desired.stack).await? else {
                break (None, ChangeSetType::Create);
            };
            match preparation(stack.stack_status()) {
                Preparation::Create => break (Some(stack), ChangeSetType::Create),
                Preparation::Update => break (Some(stack), ChangeSetType::Update),
                Preparation::Wait => attached = self.attach(desired, &stack, observer).await?,
                Preparation::DeleteFirst => {
                    self.delete_failed_creation(desired, &stack, observer)
                        .await?;
                }
                Preparation::ContinueRollback => {
                    self.continue_failed_rollback(desired, &stack, repairs, observer)
                        .await?;
                }
                Preparation::Stuck(advice) => return Err(self.stuck(&stack, advice).await?),
            }
        };
        // A stack that only has a change set counts as absent, so that an interrupted command finds it again.
        let updates = kind == ChangeSetType::Update;
        let name = desired.token(found.as_ref().filter(|_| updates));
        let planned = self.plan(desired, found.as_ref(), kind, &name).await?;
        let Some(plan) = planned else {
            if let Some(stack) = &found {
                self.protect_if_desired(desired, stack).await?;
            }
            return Ok(Prepared::Settled(
                attached.unwrap_or(StackOutcome::Unchanged),
            ));
        };
        Ok(Prepared::Planned(plan))
    }

    /// Creates a change set called `name`; `None` if nothing would change.
    async fn plan(
        &self,
        desired: &DesiredStack<'_>,
        found: Option<&Stack>,
        kind: ChangeSetType,
        name: &str,
    ) -> Result<Option<Plan>, StackError> {
        let updates = kind == ChangeSetType::Update;
        let deployed = match found {
            Some(stack) if updates => {
                self.template(stack.stack_name().unwrap_or_default())
                    .await?
            }
            _ => plan::empty_template(),
        };
        if found.is_some_and(|stack| updates && is_in_desired_state(stack, &deployed, desired)) {
            return Ok(None);
        }
        let Some(set) = change_set::create(self, desired, name, &kind).await? else {
            return Ok(None);
        };
        let parameters = found.map(plan::parameters_of).unwrap_or_default();
        let comparison = Comparison {
            before: Filled {
                template: &deployed,
                parameters: &parameters,
            },
            after: desired.template,
            parameters: desired.parameters,
        };
        Ok(Some(Plan {
            stack: desired.stack.to_owned(),
            creates: !updates,
            changes: plan::changes(&set, comparison),
            change_set: Some(name.to_owned()),
        }))
    }

    /// Executes a plan and waits for the end of the operation.
    ///
    /// # Errors
    ///
    /// Fails with the first cause of a failure. The stack is rolled back, or its status says what it needs.
    pub async fn apply(
        &self,
        desired: &DesiredStack<'_>,
        plan: &Plan,
        observer: &dyn Observer,
    ) -> Result<StackOutcome, StackError> {
        let Some(name) = &plan.change_set else {
            return Ok(StackOutcome::Unchanged);
        };
        let found = self.stack(Patience::Short, desired.stack).await?;
        let stack = found.unwrap_or_else(|| Stack::builder().stack_name(desired.stack).build());
        let earlier = self
            .events(Patience::Short, desired.stack, &Since::Begin)
            .await?;
        let since = earlier
            .last()
            .map_or(Since::Begin, |last| Since::Event(last.id.clone()));
        let token = desired.token(Some(&stack));
        self.execute(desired.stack, name, &token).await?;
        let watched = watch(self, &stack, since, observer).await?;
        if watched.operation_state == OperationState::Failed {
            return Err(failure(self, desired, &watched).await?);
        }
        self.protect_if_desired(desired, &stack).await?;
        Ok(if plan.creates {
            StackOutcome::Created
        } else {
            StackOutcome::Updated
        })
    }

    /// Deletes the change set of a plan that will not be executed, and the stack if it was only created to
    /// hold it.
    ///
    /// # Errors
    ///
    /// Fails if CloudFormation cannot be called.
    pub async fn discard(&self, plan: &Plan) -> Result<(), StackError> {
        if let Some(name) = &plan.change_set {
            self.delete_change_set(&plan.stack, name).await?;
        }
        if plan.creates {
            let found = self.stack(Patience::Short, &plan.stack).await?;
            let empty =
                |stack: &Stack| stack.stack_status() == Some(&StackStatus::ReviewInProgress);
            if found.as_ref().is_some_and(empty) {
                self.delete_stack(&plan.stack).await?;
            }
        }
        Ok(())
    }

    /// Returns what a deploy would do, and deletes the change set again. `None` if it would do nothing.
    ///
    /// # Errors
    ///
    /// Fails if an operation is running on the stack, or its state needs the user.
    pub async fn compare(&self, desired: &DesiredStack<'_>) -> Result<Option<Plan>, StackError> {
        let found = self.stack(Patience::Short, desired.stack).await?;
        let status = found.as_ref().and_then(|stack| stack.stack_status());
        match (preparation(status), found.as_ref()) {
            (Preparation::Update, Some(stack)) => {
                // The name is unique, because a deploy with the same content may be waiting for consent.
                let name = format!("diff-{:016x}", rand::random::<u64>());
                let planned = self
                    .plan(desired, Some(stack), ChangeSetType::Update, &name)
                    .await?;
                if let Some(plan) = &planned {
                    self.discard(plan).await?;
                }
                Ok(planned)
            }
            (Preparation::Create | Preparation::DeleteFirst, _) => {
                Ok(Some(plan::creation(desired.stack, desired.template)))
            }
            (Preparation::Wait, Some(stack)) => Err(self
                .stuck(
                    stack,
                    "wait until the operation has ended; `stack deploy` waits by itself",
                )
                .await?),
            (_, Some(stack)) => Err(self
                .stuck(stack, "run `stack deploy`, which repairs this")
                .await?),
            (_, None) => Ok(Some(plan::creation(desired.stack, desired.template))),
        }
    }

    /// Returns the error of a stack that needs the user, with the first cause if its events still contain it.
    async fn stuck(&self, stack: &Stack, advice: &'static str) -> Result<StackError, StackError> {
        let name = stack.stack_name().unwrap_or_default();
        let events = self.events(Patience::Short, name, &Since::Begin).await?;
        let why = first_failure(&events).map_or_else(String::new, |first| {
            format!(": `{}` ({}): {}", first.resource, first.kind, first.reason)
        });
        Ok(StackError::Stuck {
            stack: name.to_owned(),
            status: status_text(stack.stack_status()),
            why,
            advice,
        })
    }

    async fn protect_if_desired(
        &self,
        desired: &DesiredStack<'_>,
        stack: &Stack,
    ) -> Result<(), StackError> {
        if desired.protect && stack.enable_termination_protection() != Some(true) {
            self.protect(desired.stack).await?;
        }
        Ok(())
    }
}

/// Returns whether a change set would be empty.
fn is_in_desired_state(
    stack: &Stack,
    deployed: &serde_json::Value,
    desired: &DesiredStack<'_>,
) -> bool {
    let wanted: serde_json::Value =
        serde_json::from_str(&desired.template.to_json()).unwrap_or_default();
    let tags = stack.tags().iter();
    let same_tags = stack.tags().len() == desired.tags.len()
        && tags.into_iter().all(|tag| {
            let wanted = tag.key().and_then(|key| desired.tags.get(key));
            wanted.map(String::as_str) == tag.value()
        });
    *deployed == wanted && plan::parameters_of(stack) == *desired.parameters && same_tags
}
