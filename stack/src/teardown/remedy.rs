//! Remedies for resources that CloudFormation could not delete.

use cloudformation::DeletionFailure;

use super::TeardownError;
use super::plan::BUCKET;

/// What to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Remedy {
    /// Empty the bucket again: something was written after it was emptied.
    Empty,
    /// Turn deletion protection off.
    Unprotect,
    /// Try again: the resource may have waited for another one that was being deleted.
    Again,
    /// The user must act.
    Person(&'static str),
}

/// Decides by the resource type and CloudFormation's error text.
pub(super) fn remedy(failure: &DeletionFailure) -> Remedy {
    let reason = failure.reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&[
        "not authorized",
        "accessdenied",
        "access denied",
        "forbidden",
    ]) {
        return Remedy::Person(
            "give the deployer this permission (`stack permissions` prints all of them), then run the same command",
        );
    }
    if failure.kind == BUCKET && says(&["not empty", "bucketnotempty"]) {
        return Remedy::Empty;
    }
    if failure.kind == "AWS::DynamoDB::Table" && says(&["deletion protection", "protected"]) {
        return Remedy::Unprotect;
    }
    if says(&["deletion protection", "object lock", "retention"]) {
        return Remedy::Person(
            "the protection was set by hand: remove it, then run the same command",
        );
    }
    Remedy::Again
}

/// Returns the error for a stack that remains. It names the first resource that could not be deleted, on which later
/// ones may depend.
pub(super) fn stays(stack: &str, failures: &[DeletionFailure]) -> TeardownError {
    let text = |get: fn(&DeletionFailure) -> &String, otherwise: &str| {
        failures
            .first()
            .map_or_else(|| otherwise.to_owned(), |it| get(it).clone())
    };
    TeardownError::Stays {
        stack: stack.to_owned(),
        resource: text(|it| &it.resource, stack),
        kind: text(|it| &it.kind, "AWS::CloudFormation::Stack"),
        reason: text(|it| &it.reason, "no reason was given"),
        advice: match failures.first().map(remedy) {
            Some(Remedy::Person(advice)) => advice,
            _ => {
                "it was not deleted in several attempts: look at it in the console, then run the same command"
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: &str, reason: &str) -> DeletionFailure {
        DeletionFailure {
            resource: "It".to_owned(),
            name: "it".to_owned(),
            kind: kind.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_bucket_that_filled_again_is_emptied_again() {
        let reason = "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)";
        assert_eq!(remedy(&failure(BUCKET, reason)), Remedy::Empty);
    }

    #[test]
    fn a_protected_table_is_unprotected_and_other_protections_need_the_user() {
        let reason = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.";
        assert_eq!(
            remedy(&failure("AWS::DynamoDB::Table", reason)),
            Remedy::Unprotect
        );
        assert!(matches!(
            remedy(&failure("AWS::Redshift::Cluster", reason)),
            Remedy::Person(_)
        ));
    }

    #[test]
    fn a_missing_permission_needs_the_user_and_other_failures_are_retried() {
        let reason = "User: arn:aws:iam::1:user/d is not authorized to perform: s3:DeleteBucket";
        assert!(matches!(
            remedy(&failure(BUCKET, reason)),
            Remedy::Person(_)
        ));
        assert_eq!(
            remedy(&failure(
                "AWS::EC2::Subnet",
                "has dependencies and cannot be deleted"
            )),
            Remedy::Again
        );
        let error = stays("s", &[failure(BUCKET, reason), failure("x", "later")]).to_string();
        assert!(
            error.contains("`It`") && error.contains("stack permissions"),
            "{error}"
        );
        assert!(stays("s", &[]).to_string().contains("no reason"));
    }
}
