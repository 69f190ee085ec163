//! Errors of a teardown.

use std::path::PathBuf;

use cloudformation::CallFailure;

/// Why a teardown stopped. What was removed stays removed; the same command continues.
#[derive(Debug, thiserror::Error)]
pub enum TeardownError {
    /// A call to AWS failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// Something failed on this machine.
    #[error(transparent)]
    Local(#[from] ::local::LocalError),
    /// A file could not be removed.
    #[error("cannot remove `{}`", path.display())]
    Remove {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A stack has termination protection although its environment does not set it.
    #[error(
        "stack `{0}` has termination protection, which was set by hand: remove it with `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {0}`"
    )]
    Protected(String),
    /// A table has deletion protection although its environment does not set it.
    #[error(
        "table `{0}` has deletion protection, which was set by hand: remove it with `aws dynamodb update-table --no-deletion-protection-enabled --table-name {0}`"
    )]
    ProtectedTable(String),
    /// CloudFormation could not delete a resource, and there is no automatic remedy.
    #[error("stack `{stack}` cannot be deleted: `{resource}` ({kind}) remains: {reason}: {advice}")]
    Stays {
        stack: String,
        /// The first resource that remains.
        resource: String,
        kind: String,
        /// CloudFormation's reason.
        reason: String,
        advice: &'static str,
    },
    /// S3 refused to delete objects.
    #[error("s3 DeleteObjects of `{bucket}` failed for `{key}`: {code}: {message}")]
    ObjectStays {
        bucket: String,
        /// The first object that remains.
        key: String,
        code: String,
        message: String,
    },
}
