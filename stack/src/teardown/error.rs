//! Why a teardown stopped, and what to do about it.

use crate::deploy::DeployError;

/// Why a teardown stopped. What was done stays done, and the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum TeardownError {
    /// A call to AWS, or this machine.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Somebody protected a stack that its environment's file does not protect.
    #[error(
        "stack `{0}` is protected from deletion, which its environment does not ask for: somebody did that by hand; `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {0}` ends it"
    )]
    Protected(String),
    /// Somebody protected a table of an environment that asks for no protection.
    #[error(
        "table `{0}` is protected from deletion, which its environment does not ask for: somebody did that by hand; `aws dynamodb update-table --no-deletion-protection-enabled --table-name {0}` ends it"
    )]
    ProtectedTable(String),
    /// CloudFormation could not delete a resource, and we know no remedy.
    #[error("stack `{stack}` cannot be deleted: `{resource}` ({kind}) stays: {reason}: {advice}")]
    Stays {
        /// The stack.
        stack: String,
        /// The first resource that stayed.
        resource: String,
        /// Its type.
        kind: String,
        /// As CloudFormation words it.
        reason: String,
        /// The next step.
        advice: &'static str,
    },
    /// S3 refused to delete objects.
    #[error("s3 DeleteObjects of `{bucket}` left `{key}`: {code}: {message}")]
    ObjectStays {
        /// The bucket.
        bucket: String,
        /// The first object that stayed.
        key: String,
        /// S3's error code.
        code: String,
        /// What S3 said.
        message: String,
    },
}
