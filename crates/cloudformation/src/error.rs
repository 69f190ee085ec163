//! Errors of the engine.

use std::fmt;

use crate::call_failure::{CallFailure, FailureKind};
use crate::explain::{Explanation, explain};
use crate::failure::Failure;

/// Why a stack is not in its desired state, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A call to CloudFormation failed.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// A stack operation failed.
    #[error(transparent)]
    Failed(Box<Failure>),
    /// The stack's status needs the user.
    #[error("stack `{stack}` is {status}{why}\n  next: {advice}")]
    Stuck {
        stack: String,
        status: String,
        /// The first cause, after a colon, if known.
        why: String,
        advice: &'static str,
    },
}

/// A failed call to CloudFormation about one stack.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub stack: String,
    /// The action of CloudFormation.
    pub action: &'static str,
    pub failure: CallFailure,
}

impl Refusal {
    pub(crate) fn is_absent(&self) -> bool {
        self.failure.is_absent()
    }

    fn explanation(&self) -> Explanation {
        let CallFailure {
            kind,
            code,
            message,
            ..
        } = &self.failure;
        let mut explanation = explain(code, message, "");
        if *kind == FailureKind::Unreachable {
            "check the network, then run the same command again"
                .clone_into(&mut explanation.advice);
            if code.is_empty() {
                "CloudFormation cannot be reached".clone_into(&mut explanation.cause);
            }
        }
        explanation
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation { cause, advice } = self.explanation();
        // A watched stack is described by its ARN: arn:…:stack/NAME/…
        let stack = self.stack.split('/').nth(1).unwrap_or(&self.stack);
        write!(f, "stack `{stack}`: {cause}\n  aws: {}", self.action)?;
        for text in [&self.failure.code, &self.failure.message] {
            if !text.is_empty() {
                write!(f, ": {text}")?;
            }
        }
        write!(f, "\n  next: {advice}")
    }
}
