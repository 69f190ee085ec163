//! The report of a failed stack operation.

use std::fmt;

use cfn::Template;

use crate::explain::{Explanation, explain};
use crate::resource_event::ResourceEvent;

/// Why a stack operation failed: the first cause, where the resource is declared, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    pub stack: String,
    /// The first resource that failed; later failures are consequences.
    pub resource: String,
    pub kind: String,
    /// The explained cause.
    pub cause: String,
    /// File and line of the Rust code that declares the resource.
    pub place: Option<String>,
    /// The resource's status and AWS's error text.
    pub words: String,
    /// The final status of the stack.
    pub status: String,
    /// What to do next.
    pub advice: String,
}

impl Failure {
    /// Returns the report of `first`, after which the stack ended as `status`.
    pub(crate) fn of(
        stack: &str,
        template: Option<&Template>,
        status: &str,
        first: &ResourceEvent,
    ) -> Self {
        let Explanation { cause, advice } = explain("", &first.reason, &first.kind);
        Self {
            stack: stack.to_owned(),
            place: template.and_then(|template| locate(template, &first.resource)),
            resource: first.resource.clone(),
            kind: first.kind.clone(),
            cause,
            words: format!("{}: {}", first.status, first.reason),
            status: status.to_owned(),
            advice,
        }
    }
}

/// Returns where a resource is declared, as `file:line`.
#[must_use]
pub fn locate(template: &Template, resource: &str) -> Option<String> {
    let source = template.source(resource)?;
    Some(format!("{}:{}", source.file(), source.line()))
}

/// Returns what the final status means for the resources of the stack.
fn meaning(status: &str) -> &'static str {
    match status {
        "ROLLBACK_COMPLETE" => "all its resources were deleted; the next deploy creates it again",
        "UPDATE_ROLLBACK_COMPLETE" => "all changes were undone",
        "UPDATE_ROLLBACK_FAILED" => {
            "its rollback failed too; the next deploy continues it (`--skip-rollback-of LOGICALID` skips a resource)"
        }
        "ROLLBACK_FAILED" | "CREATE_FAILED" => {
            "the next deploy deletes the remaining resources and creates it again"
        }
        "DELETE_FAILED" => "some resources could not be deleted",
        "REVIEW_IN_PROGRESS" => "nothing was created",
        _ => "nothing was changed",
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.resource)?;
        if !self.kind.is_empty() {
            write!(f, " ({})", self.kind)?;
        }
        write!(f, " of stack `{}`: {}", self.stack, self.cause)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        write!(f, "\n  aws: {}", self.words.trim_end_matches(": "))?;
        if !self.status.is_empty() {
            write!(f, "\n  stack: {}: {}", self.status, meaning(&self.status))?;
        }
        write!(f, "\n  next: {}", self.advice)
    }
}
