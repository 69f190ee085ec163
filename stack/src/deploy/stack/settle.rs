//! What a stack's status means for who wants to deploy it.

use aws_sdk_cloudformation::types::StackStatus;

/// What to do with a stack before a change set can be made for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Before {
    /// Make a change set that creates it.
    Create,
    /// Make a change set that updates it.
    Update,
    /// Its creation failed, so it never held anything of worth, and it can only be deleted.
    DeleteFirst,
    /// The rollback of an update failed: it can only be continued.
    ContinueRollback,
    /// Another operation runs: wait for its end, then look again.
    Wait,
    /// A person must help.
    Stuck(&'static str),
}

/// Decides from the status alone; `None` is a stack that does not exist.
pub(super) fn before(status: Option<&StackStatus>) -> Before {
    use StackStatus as S;
    match status {
        None | Some(S::ReviewInProgress | S::DeleteComplete) => Before::Create,
        Some(
            S::CreateComplete
            | S::UpdateComplete
            | S::UpdateRollbackComplete
            | S::ImportComplete
            | S::ImportRollbackComplete,
        ) => Before::Update,
        Some(S::RollbackComplete | S::RollbackFailed | S::CreateFailed) => Before::DeleteFirst,
        Some(S::UpdateRollbackFailed) => Before::ContinueRollback,
        // Somebody wanted it gone with all that is in it, and may not know that some of it is still there.
        Some(S::DeleteFailed) => Before::Stuck(
            "end its deletion with `stack destroy`, then deploy again; what it still holds is lost then",
        ),
        Some(S::UpdateFailed | S::ImportRollbackFailed) => Before::Stuck(
            "another tool left it half-way: `aws cloudformation rollback-stack --stack-name` it, then deploy again",
        ),
        Some(status) if status.as_str().ends_with("_IN_PROGRESS") => Before::Wait,
        Some(_) => {
            Before::Stuck("its status is not known here; look at it in the CloudFormation console")
        }
    }
}

/// How an operation on a stack stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// Still working.
    Running,
    /// Done as asked.
    Done,
    /// Ended otherwise.
    Failed,
}

/// Decides how a create, update or delete stands. A stack that is gone was deleted.
pub(super) fn standing(status: Option<&StackStatus>) -> Standing {
    use StackStatus as S;
    match status {
        None | Some(S::CreateComplete | S::UpdateComplete | S::DeleteComplete) => Standing::Done,
        // The update is done; what it replaced is being removed.
        Some(S::UpdateCompleteCleanupInProgress) => Standing::Running,
        Some(status) if status.as_str().ends_with("_IN_PROGRESS") => Standing::Running,
        Some(_) => Standing::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_cloudformation_documents_has_a_next_step() {
        for status in StackStatus::values() {
            let status = StackStatus::from(*status);
            if let Before::Stuck(advice) = before(Some(&status)) {
                assert!(status.as_str().ends_with("FAILED"), "{status}: {advice}");
            }
        }
        assert_eq!(before(None), Before::Create);
        assert_eq!(
            before(Some(&StackStatus::RollbackComplete)),
            Before::DeleteFirst
        );
        assert_eq!(before(Some(&StackStatus::UpdateInProgress)), Before::Wait);
        assert_eq!(before(Some(&StackStatus::ReviewInProgress)), Before::Create);
        assert_eq!(
            before(Some(&StackStatus::UpdateRollbackFailed)),
            Before::ContinueRollback
        );
    }

    #[test]
    fn only_a_stack_whose_creation_never_ended_is_deleted_unasked() {
        for status in StackStatus::values() {
            let status = StackStatus::from(*status);
            if before(Some(&status)) == Before::DeleteFirst {
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
            standing(Some(&StackStatus::RollbackComplete)),
            Standing::Failed
        );
        assert_eq!(
            standing(Some(&StackStatus::UpdateRollbackComplete)),
            Standing::Failed
        );
        assert_eq!(
            standing(Some(&StackStatus::RollbackInProgress)),
            Standing::Running
        );
        assert_eq!(standing(Some(&StackStatus::CreateComplete)), Standing::Done);
    }
}
