//! Errors of reading outputs.

use cloudformation::StackError;
use local::LocalError;

/// Why the names and addresses of an environment cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OutputsError {
    /// The environment is not deployed, or only in part.
    #[error("stack `{stack}` does not exist: run `stack deploy {environment}` first")]
    NotDeployed {
        environment: String,
        /// The missing stack.
        stack: String,
    },
    /// A stack lacks a required output.
    #[error("stack `{stack}` has no output `{output}`: deploy the environment again")]
    MissingOutput { stack: String, output: &'static str },
    /// A stack could not be described.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The local environment does not run.
    #[error(transparent)]
    Local(#[from] LocalError),
}
