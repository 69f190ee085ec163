//! What to do about a resource that CloudFormation could not delete.

use super::TeardownError;
use super::plan::BUCKET;

/// A resource that CloudFormation could not delete.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Cause {
    pub(super) resource: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) reason: String,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Remedy {
    /// Something was written after the bucket was emptied: empty it again.
    Empty,
    /// Deletion protection: turn it off.
    Unprotect,
    /// It may pass by itself: what it waited for was being deleted.
    Again,
    /// Only a person can help.
    Person(&'static str),
}

/// Decides from the type and CloudFormation's words.
pub(super) fn remedy(cause: &Cause) -> Remedy {
    let reason = cause.reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&[
        "not authorized",
        "accessdenied",
        "access denied",
        "forbidden",
    ]) {
        return Remedy::Person(
            "give whoever destroys that right (`stack permissions` prints all of them) and run the same command",
        );
    }
    if cause.kind == BUCKET && says(&["not empty", "bucketnotempty"]) {
        return Remedy::Empty;
    }
    if cause.kind == "AWS::DynamoDB::Table" && says(&["deletion protection", "protected"]) {
        return Remedy::Unprotect;
    }
    if says(&["deletion protection", "object lock", "retention"]) {
        return Remedy::Person("somebody protected it by hand: end that, and run the same command");
    }
    Remedy::Again
}

/// The error of a stack that stays, for the first resource that could not be deleted; later ones wait for it.
pub(super) fn stays(stack: &str, causes: &[Cause]) -> TeardownError {
    let text = |get: fn(&Cause) -> &String, otherwise: &str| {
        causes
            .first()
            .map_or_else(|| otherwise.to_owned(), |it| get(it).clone())
    };
    TeardownError::Stays {
        stack: stack.to_owned(),
        resource: text(|it| &it.resource, stack),
        kind: text(|it| &it.kind, "AWS::CloudFormation::Stack"),
        reason: text(|it| &it.reason, "no reason was given"),
        advice: match causes.first().map(remedy) {
            Some(Remedy::Person(advice)) => advice,
            _ => {
                "it did not go in several attempts: look at it in the console, and run the same command"
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(kind: &str, reason: &str) -> Cause {
        Cause {
            resource: "It".to_owned(),
            name: "it".to_owned(),
            kind: kind.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_bucket_that_filled_again_is_emptied_again() {
        let reason = "The bucket you tried to delete is not empty (Service: S3, Status Code: 409)";
        assert_eq!(remedy(&cause(BUCKET, reason)), Remedy::Empty);
    }

    #[test]
    fn a_protected_table_is_unprotected_and_other_protections_are_a_persons() {
        let reason = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.";
        assert_eq!(
            remedy(&cause("AWS::DynamoDB::Table", reason)),
            Remedy::Unprotect
        );
        assert!(matches!(
            remedy(&cause("AWS::Redshift::Cluster", reason)),
            Remedy::Person(_)
        ));
    }

    #[test]
    fn a_missing_right_is_a_persons_and_anything_else_is_tried_again() {
        let reason = "User: arn:aws:iam::1:user/d is not authorized to perform: s3:DeleteBucket";
        assert!(matches!(remedy(&cause(BUCKET, reason)), Remedy::Person(_)));
        assert_eq!(
            remedy(&cause(
                "AWS::EC2::Subnet",
                "has dependencies and cannot be deleted"
            )),
            Remedy::Again
        );
        let error = stays("s", &[cause(BUCKET, reason), cause("x", "later")]).to_string();
        assert!(
            error.contains("`It`") && error.contains("stack permissions"),
            "{error}"
        );
        assert!(stays("s", &[]).to_string().contains("no reason"));
    }
}
