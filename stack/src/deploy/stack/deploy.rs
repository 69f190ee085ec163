//! Brings one stack to what is wanted of it.

use aws_sdk_cloudformation::types::{ChangeSetType, Stack, StackStatus};

use super::calls::{CloudFormation, Patience, Since};
use super::change_set;
use super::difference::Filled;
use super::happening::first_failure;
use super::plan::{self, Plan, Sides};
use super::settle::{Before, Standing, before};
use super::watch::{failure, status_text, watch};
use super::wish::Wish;
use crate::deploy::{DeployError, Step};

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

/// A stack that is ready to be deployed.
#[derive(Debug)]
pub enum Prepared {
    /// Nothing is left to do.
    Settled(StackOutcome),
    /// This would be done.
    Planned(Plan),
}

/// What a person allows to repair a stack.
#[derive(Clone, Debug, Default)]
pub struct Repairs {
    /// Logical ids that a failed rollback leaves out when it is continued.
    pub skip: Vec<String>,
}

impl CloudFormation {
    /// Ends what runs on the stack and what an earlier failure left, then makes a change set.
    ///
    /// An operation that runs is attached to; a creation that failed is deleted; a rollback that failed is continued.
    ///
    /// # Errors
    ///
    /// When the stack cannot be brought to a state in which it can be deployed, or the change set is refused.
    pub async fn prepare(
        &self,
        wish: &Wish<'_>,
        repairs: &Repairs,
        step: &Step,
    ) -> Result<Prepared, DeployError> {
        let mut attached = None;
        let (found, kind) = loop {
            let Some(stack) = self.stack(Patience::Short, wish.stack).await? else {
                break (None, ChangeSetType::Create);
            };
            match before(stack.stack_status()) {
                Before::Create => break (Some(stack), ChangeSetType::Create),
                Before::Update => break (Some(stack), ChangeSetType::Update),
                Before::Wait => attached = self.attach(wish, &stack, step).await?,
                Before::DeleteFirst => self.delete_failed_creation(wish, &stack, step).await?,
                Before::ContinueRollback => {
                    self.continue_failed_rollback(wish, &stack, repairs, step)
                        .await?;
                }
                Before::Stuck(advice) => return Err(self.stuck(&stack, advice).await?),
            }
        };
        // A stack that only holds a change set counts as none: a command that was cut off finds its change set.
        let updates = kind == ChangeSetType::Update;
        let name = wish.token(found.as_ref().filter(|_| updates));
        let planned = self.plan(wish, found.as_ref(), kind, &name).await?;
        let Some(plan) = planned else {
            if let Some(stack) = &found {
                self.protect_if_wanted(wish, stack).await?;
            }
            return Ok(Prepared::Settled(
                attached.unwrap_or(StackOutcome::Unchanged),
            ));
        };
        Ok(Prepared::Planned(plan))
    }

    /// Makes a change set called `name`; `None` when nothing would change.
    async fn plan(
        &self,
        wish: &Wish<'_>,
        found: Option<&Stack>,
        kind: ChangeSetType,
        name: &str,
    ) -> Result<Option<Plan>, DeployError> {
        let updates = kind == ChangeSetType::Update;
        let deployed = match found {
            Some(stack) if updates => {
                self.template(stack.stack_name().unwrap_or_default())
                    .await?
            }
            _ => plan::nothing(),
        };
        if found.is_some_and(|stack| updates && is_as_wanted(stack, &deployed, wish)) {
            return Ok(None);
        }
        let Some(set) = change_set::make(self, wish, name, &kind).await? else {
            return Ok(None);
        };
        let parameters = found.map(plan::parameters_of).unwrap_or_default();
        let sides = Sides {
            before: Filled {
                template: &deployed,
                parameters: &parameters,
            },
            after: wish.template,
            parameters: wish.parameters,
        };
        Ok(Some(Plan {
            stack: wish.stack.to_owned(),
            creates: !updates,
            changes: plan::changes(&set, sides),
            change_set: Some(name.to_owned()),
        }))
    }

    /// Executes a plan and waits for its end.
    ///
    /// # Errors
    ///
    /// The first cause of a failure; the stack is rolled back then, or says what it needs.
    pub async fn apply(
        &self,
        wish: &Wish<'_>,
        plan: &Plan,
        step: &Step,
    ) -> Result<StackOutcome, DeployError> {
        let Some(name) = &plan.change_set else {
            return Ok(StackOutcome::Unchanged);
        };
        let found = self.stack(Patience::Short, wish.stack).await?;
        let stack = found.unwrap_or_else(|| Stack::builder().stack_name(wish.stack).build());
        let earlier = self
            .happenings(Patience::Short, wish.stack, &Since::Begin)
            .await?;
        let since = earlier
            .last()
            .map_or(Since::Begin, |last| Since::Event(last.event.clone()));
        let token = wish.token(Some(&stack));
        self.execute(wish.stack, name, &token).await?;
        let watched = watch(self, &stack, since, step).await?;
        if watched.standing == Standing::Failed {
            return Err(failure(self, wish, &watched).await?);
        }
        self.protect_if_wanted(wish, &stack).await?;
        Ok(if plan.creates {
            StackOutcome::Created
        } else {
            StackOutcome::Updated
        })
    }

    /// Deletes the change set of a plan that is not going to be executed, and the stack that was only made to hold it.
    ///
    /// # Errors
    ///
    /// When CloudFormation cannot be asked.
    pub async fn discard(&self, plan: &Plan) -> Result<(), DeployError> {
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

    /// What a deploy would do, without any of it: the change set is deleted again. `None` when it would do nothing.
    ///
    /// # Errors
    ///
    /// When an operation runs on the stack, or its state needs a person.
    pub async fn compare(&self, wish: &Wish<'_>) -> Result<Option<Plan>, DeployError> {
        let found = self.stack(Patience::Short, wish.stack).await?;
        let status = found.as_ref().and_then(|stack| stack.stack_status());
        match (before(status), found.as_ref()) {
            (Before::Update, Some(stack)) => {
                // Of its own name: a deploy of the same content may be waiting for its answer.
                let name = format!("diff-{:016x}", rand::random::<u64>());
                let planned = self
                    .plan(wish, Some(stack), ChangeSetType::Update, &name)
                    .await?;
                if let Some(plan) = &planned {
                    self.discard(plan).await?;
                }
                Ok(planned)
            }
            (Before::Create | Before::DeleteFirst, _) => {
                Ok(Some(plan::creation(wish.stack, wish.template)))
            }
            (Before::Wait, Some(stack)) => Err(self
                .stuck(stack, "wait for its end; `stack deploy` attaches to it")
                .await?),
            (_, Some(stack)) => Err(self
                .stuck(stack, "`stack deploy` goes on from there")
                .await?),
            (_, None) => Ok(Some(plan::creation(wish.stack, wish.template))),
        }
    }

    /// Waits for an operation that somebody began. When it is this very wish and it fails, that is the failure of
    /// this command too; of another one it is not.
    async fn attach(
        &self,
        wish: &Wish<'_>,
        stack: &Stack,
        step: &Step,
    ) -> Result<Option<StackOutcome>, DeployError> {
        let status = status_text(stack.stack_status());
        step.say(&format!(
            "attached to the operation that runs on it ({status})"
        ));
        let watched = watch(self, stack, Since::Begin, step).await?;
        let content = wish.content();
        let ours = watched
            .happenings
            .iter()
            .any(|it| it.token.starts_with(&content));
        match watched.standing {
            Standing::Failed if ours => Err(failure(self, wish, &watched).await?),
            Standing::Failed => {
                if let Some(first) = first_failure(&watched.happenings) {
                    step.say(&format!(
                        "that operation failed at {}: {}",
                        first.resource, first.reason
                    ));
                }
                Ok(None)
            }
            _ if status.starts_with("DELETE") => Ok(None),
            _ if status.starts_with("CREATE") => Ok(Some(StackOutcome::Created)),
            _ => Ok(Some(StackOutcome::Updated)),
        }
    }

    async fn delete_failed_creation(
        &self,
        wish: &Wish<'_>,
        stack: &Stack,
        step: &Step,
    ) -> Result<(), DeployError> {
        let status = status_text(stack.stack_status());
        step.say(&format!(
            "deleting what a creation left that failed ({status})"
        ));
        self.delete_stack(wish.stack).await?;
        let watched = watch(self, stack, Since::Begin, step).await?;
        match watched.standing {
            Standing::Failed => Err(failure(self, wish, &watched).await?),
            _ => Ok(()),
        }
    }

    async fn continue_failed_rollback(
        &self,
        wish: &Wish<'_>,
        stack: &Stack,
        repairs: &Repairs,
        step: &Step,
    ) -> Result<(), DeployError> {
        step.say("continuing a rollback that failed");
        let earlier = self
            .happenings(Patience::Short, wish.stack, &Since::Begin)
            .await?;
        let since = earlier
            .last()
            .map_or(Since::Begin, |last| Since::Event(last.event.clone()));
        let token = wish.token(Some(stack));
        self.continue_rollback(wish.stack, &token, &repairs.skip)
            .await?;
        let watched = watch(self, stack, since, step).await?;
        match watched.standing {
            // A rollback that is complete is what was asked for here.
            Standing::Failed if watched.status == Some(StackStatus::UpdateRollbackComplete) => {
                Ok(())
            }
            Standing::Failed => Err(failure(self, wish, &watched).await?),
            _ => Ok(()),
        }
    }

    /// The error of a stack that needs a person, with the first cause if its events still tell it.
    async fn stuck(&self, stack: &Stack, advice: &'static str) -> Result<DeployError, DeployError> {
        let name = stack.stack_name().unwrap_or_default();
        let happenings = self
            .happenings(Patience::Short, name, &Since::Begin)
            .await?;
        let why = first_failure(&happenings).map_or_else(String::new, |first| {
            format!(": `{}` ({}): {}", first.resource, first.kind, first.reason)
        });
        Ok(DeployError::Stuck {
            stack: name.to_owned(),
            status: status_text(stack.stack_status()),
            why,
            advice,
        })
    }

    async fn protect_if_wanted(&self, wish: &Wish<'_>, stack: &Stack) -> Result<(), DeployError> {
        if wish.protect && stack.enable_termination_protection() != Some(true) {
            self.protect(wish.stack).await?;
        }
        Ok(())
    }
}

/// Whether a change set would hold no change.
fn is_as_wanted(stack: &Stack, deployed: &serde_json::Value, wish: &Wish<'_>) -> bool {
    let wanted: serde_json::Value =
        serde_json::from_str(&wish.template.to_json()).unwrap_or_default();
    let tags = stack.tags().iter();
    let same_tags = stack.tags().len() == wish.tags.len()
        && tags.into_iter().all(|tag| {
            let wanted = tag.key().and_then(|key| wish.tags.get(key));
            wanted.map(String::as_str) == tag.value()
        });
    *deployed == wanted && plan::parameters_of(stack) == *wish.parameters && same_tags
}
