//! What a person reads when CloudFormation did not do what was asked.

use std::fmt;

use cfn::Template;

use super::explain::{Explanation, explain};
use super::stack::Happening;

/// Why a stack did not become what was wanted: the first cause, where it is declared, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The stack.
    pub stack: String,
    /// The first resource to fail; the later ones are its consequence.
    pub resource: String,
    /// Its type.
    pub kind: String,
    /// What is wrong, in our words where we have some.
    pub cause: String,
    /// File and line of the Rust code that declared it.
    pub place: Option<String>,
    /// As AWS words it, with the resource's status.
    pub words: String,
    /// How the stack ended.
    pub status: String,
    /// The next step.
    pub advice: String,
}

impl Failure {
    /// The failure of `first`, after which the stack ended as `status`.
    pub(super) fn of(
        stack: &str,
        template: Option<&Template>,
        status: &str,
        first: &Happening,
    ) -> Self {
        let Explanation { cause, advice } = explain("", &first.reason, &first.kind);
        Self {
            stack: stack.to_owned(),
            place: template.and_then(|template| place(template, &first.resource)),
            resource: first.resource.clone(),
            kind: first.kind.clone(),
            cause,
            words: format!("{}: {}", first.status, first.reason),
            status: status.to_owned(),
            advice,
        }
    }
}

/// Where a resource is declared, as `file:line`.
pub(super) fn place(template: &Template, resource: &str) -> Option<String> {
    let source = template.source(resource)?;
    Some(format!("{}:{}", source.file(), source.line()))
}

/// What a stack's last status means for what is in it.
fn meaning(status: &str) -> &'static str {
    match status {
        "ROLLBACK_COMPLETE" => "nothing is left of it; the next deploy makes it anew",
        "UPDATE_ROLLBACK_COMPLETE" => "it is as it was before",
        "UPDATE_ROLLBACK_FAILED" => {
            "its rollback failed too; the next deploy continues it (`--skip-rollback-of LOGICALID` leaves a resource out)"
        }
        "ROLLBACK_FAILED" | "CREATE_FAILED" => {
            "the next deploy deletes what is left and makes it anew"
        }
        "DELETE_FAILED" => "what could be deleted is gone",
        "REVIEW_IN_PROGRESS" => "nothing was made",
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
