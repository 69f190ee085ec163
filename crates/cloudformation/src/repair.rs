//! Brings a stack into a state in which a change set can be created.

use aws_sdk_cloudformation::types::{Stack, StackStatus};

use crate::calls::{CloudFormation, Patience, Since};
use crate::desired::DesiredStack;
use crate::error::StackError;
use crate::observer::Observer;
use crate::resource_event::first_failure;
use crate::status::{OperationState, StackOutcome};
use crate::watch::{failure, status_text, watch};

/// Repairs that the user allows.
#[derive(Clone, Debug, Default)]
pub struct Repairs {
    /// Logical ids of resources to skip when a failed rollback is continued.
    pub skip: Vec<String>,
}

impl CloudFormation {
    /// Waits for a running operation. If it has the same desired state and fails, this command fails with the
    /// same error; a failure of another operation is only reported.
    pub(crate) async fn attach(
        &self,
        desired: &DesiredStack<'_>,
        stack: &Stack,
        observer: &dyn Observer,
    ) -> Result<Option<StackOutcome>, StackError> {
        let status = status_text(stack.stack_status());
        observer.note(&format!("waiting for a running operation ({status})"));
        let watched = watch(self, stack, Since::Begin, observer).await?;
        let content = desired.content();
        let ours = watched
            .events
            .iter()
            .any(|it| it.token.starts_with(&content));
        match watched.operation_state {
            OperationState::Failed if ours => Err(failure(self, desired, &watched).await?),
            OperationState::Failed => {
                if let Some(first) = first_failure(&watched.events) {
                    observer.note(&format!(
                        "the running operation failed at {}: {}",
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

    pub(crate) async fn delete_failed_creation(
        &self,
        desired: &DesiredStack<'_>,
        stack: &Stack,
        observer: &dyn Observer,
    ) -> Result<(), StackError> {
        let status = status_text(stack.stack_status());
        observer.note(&format!(
            "deleting the rest of a failed creation ({status})"
        ));
        self.delete_stack(desired.stack).await?;
        let watched = watch(self, stack, Since::Begin, observer).await?;
        match watched.operation_state {
            OperationState::Failed => Err(failure(self, desired, &watched).await?),
            _ => Ok(()),
        }
    }

    pub(crate) async fn continue_failed_rollback(
        &self,
        desired: &DesiredStack<'_>,
        stack: &Stack,
        repairs: &Repairs,
        observer: &dyn Observer,
    ) -> Result<(), StackError> {
        observer.note("continuing a failed rollback");
        let earlier = self
            .events(Patience::Short, desired.stack, &Since::Begin)
            .await?;
        let since = earlier
            .last()
            .map_or(Since::Begin, |last| Since::Event(last.id.clone()));
        let token = desired.token(Some(stack));
        self.continue_rollback(desired.stack, &token, &repairs.skip)
            .await?;
        let watched = watch(self, stack, since, observer).await?;
        match watched.operation_state {
            // Here a complete rollback is the desired result.
            OperationState::Failed
                if watched.status == Some(StackStatus::UpdateRollbackComplete) =>
            {
                Ok(())
            }
            OperationState::Failed => Err(failure(self, desired, &watched).await?),
            _ => Ok(()),
        }
    }
}
