//! Checks of this machine and of an AWS account.
//!
//! `machine` checks programs and folders, `account` checks what the next deployment needs on AWS.

mod account;
mod machine;

pub use account::of_account;
pub use machine::{of_build, of_machine};

/// A check of something that is required or useful.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    pub what: &'static str,
    pub finding: Finding,
}

/// The result of a check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// Present; the text is its version or description.
    Found(String),
    /// Required and missing; the text says how to get it.
    Missing(String),
    /// Useful and missing; the text says how to get it.
    Optional(String),
    /// Not checked; the text says why, and where to look.
    Unknown(String),
}

impl Check {
    /// Returns a check of a requirement.
    fn needed(what: &'static str, found: Option<String>, remedy: &str) -> Self {
        let finding = found.map_or_else(|| Finding::Missing(remedy.to_owned()), Finding::Found);
        Self { what, finding }
    }

    /// Returns a check of something useful.
    fn optional(what: &'static str, found: Option<String>, remedy: &str) -> Self {
        let finding = found.map_or_else(|| Finding::Optional(remedy.to_owned()), Finding::Found);
        Self { what, finding }
    }

    /// Returns whether a requirement is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.finding, Finding::Missing(_))
    }
}

/// Formats the check on one line.
impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, text) = match &self.finding {
            Finding::Found(text) => ("ok", text),
            Finding::Missing(text) => ("MISSING", text),
            Finding::Optional(text) => ("optional", text),
            Finding::Unknown(text) => ("unknown", text),
        };
        write!(f, "{word:<8} {}: {text}", self.what)
    }
}
