//! Decides by a stack's status what to do before and after an operation.

use aws_sdk_cloudformation::types::StackStatus;

/// What to do with a stack before a change set can be created.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Preparation {
    /// Create the stack with a change set.
    Create,
    /// Update the stack with a change set.
    Update,
    /// Delete the stack: its creation failed, so it never held data.
    DeleteFirst,
    /// Continue the failed rollback of an update.
    ContinueRollback,
    /// Wait for a running operation, then decide again.
    Wait,
    /// The user must act; the text says how.
    Stuck(&'static str),
}

/// Decides by the status; `None` for a stack that does not exist.
pub(crate) fn preparation(status: Option<&StackStatus>) -> Preparation {
    use StackStatus as S;
    match status {
        None | Some(S::ReviewInProgress | S::DeleteComplete) => Preparation::Create,
        Some(
            S::CreateComplete
            | S::UpdateComplete
            | S::UpdateRollbackComplete
            | S::ImportComplete
            | S::ImportRollbackComplete,
        ) => Preparation::Update,
        Some(S::RollbackComplete | S::RollbackFailed | S::CreateFailed) => Preparation::DeleteFirst,
        Some(S::UpdateRollbackFailed) => Preparation::ContinueRollback,
        // The user wanted to delete the whole stack, and may not know that a part remains.
        Some(S::DeleteFailed) => Preparation::Stuck(
            "finish its deletion with `stack destroy`, which deletes the remaining data, then deploy again",
        ),
        Some(S::UpdateFailed | S::ImportRollbackFailed) => Preparation::Stuck(
            "another tool left an unfinished operation: run `aws cloudformation rollback-stack --stack-name NAME`, then deploy again",
        ),
        Some(status) if status.as_str().ends_with("_IN_PROGRESS") => Preparation::Wait,
        Some(_) => Preparation::Stuck(
            "its status is not known to this version: look at the stack in the CloudFormation console",
        ),
    }
}

/// The outcome for a stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StackOutcome {
    /// The stack was created.
    Created,
    /// The stack was updated.
    Updated,
    /// The stack was already in the desired state.
    Unchanged,
}

impl StackOutcome {
    /// Returns the text for people and for JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// The state of an operation on a stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OperationState {
    Running,
    /// The operation succeeded.
    Done,
    /// The operation failed or was rolled back.
    Failed,
}

/// Decides the state of a creation, update or deletion by the status. `None` means that the stack was
/// deleted.
pub(crate) fn operation_state(status: Option<&StackStatus>) -> OperationState {
    use StackStatus as S;
    match status {
        None | Some(S::CreateComplete | S::UpdateComplete | S::DeleteComplete) => {
            OperationState::Done
        }
        // The update is complete; replaced resources are being deleted.
        Some(S::UpdateCompleteCleanupInProgress) => OperationState::Running,
        Some(status) if status.as_str().ends_with("_IN_PROGRESS") => OperationState::Running,
        Some(_) => OperationState::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_cloudformation_documents_has_a_next_step() {
        for status in StackStatus::values() {
            let status = StackStatus::from(*status);
            if let Preparation::Stuck(advice) = preparation(Some(&status)) {
                assert!(status.as_str().ends_with("FAILED"), "{status}: {advice}");
            }
        }
        assert_eq!(preparation(None), Preparation::Create);
        assert_eq!(
            preparation(Some(&StackStatus::RollbackComplete)),
            Preparation::DeleteFirst
        );
        assert_eq!(
            preparation(Some(&StackStatus::UpdateInProgress)),
            Preparation::Wait
        );
        assert_eq!(
            preparation(Some(&StackStatus::ReviewInProgress)),
            Preparation::Create
        );
        assert_eq!(
            preparation(Some(&StackStatus::UpdateRollbackFailed)),
            Preparation::ContinueRollback
        );
    }

    #[test]
    fn only_a_stack_whose_creation_failed_is_deleted_without_asking() {
        for status in StackStatus::values() {
            let status = StackStatus::from(*status);
            if preparation(Some(&status)) == Preparation::DeleteFirst {
                assert!(
                    matches!(
                        status,
                        StackStatus::RollbackComplete
                            | StackStatus::RollbackFailed
                            | StackStatus::CreateFailed
                    ),
                    "{status}"
                );
            }
        }
    }

    #[test]
    fn a_rollback_is_a_failure_even_when_it_completes() {
        assert_eq!(
            operation_state(Some(&StackStatus::RollbackComplete)),
            OperationState::Failed
        );
        assert_eq!(
            operation_state(Some(&StackStatus::UpdateRollbackComplete)),
            OperationState::Failed
        );
        assert_eq!(
            operation_state(Some(&StackStatus::RollbackInProgress)),
            OperationState::Running
        );
        assert_eq!(
            operation_state(Some(&StackStatus::CreateComplete)),
            OperationState::Done
        );
    }
}
