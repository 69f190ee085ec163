//! What a machine and an account have, and what they lack.
//!
//! `machine` looks at programs and folders, `account` asks AWS what the next deployment needs to know.

mod account;
mod machine;

pub use account::of_account;
pub use machine::{of_build, of_machine};

/// Something that is needed, or useful.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// What it is.
    pub what: &'static str,
    /// How it stands.
    pub finding: Finding,
}

/// How something stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// It is there: what it says of itself.
    Found(String),
    /// Nothing works without it: how to get it.
    Missing(String),
    /// It would help: how to get it.
    Optional(String),
    /// It could not be asked: why, and where to look.
    Unknown(String),
}

impl Check {
    /// A check that nothing works without.
    fn needed(what: &'static str, found: Option<String>, remedy: &str) -> Self {
        let finding = found.map_or_else(|| Finding::Missing(remedy.to_owned()), Finding::Found);
        Self { what, finding }
    }

    /// A check of something that helps.
    fn optional(what: &'static str, found: Option<String>, remedy: &str) -> Self {
        let finding = found.map_or_else(|| Finding::Optional(remedy.to_owned()), Finding::Found);
        Self { what, finding }
    }

    /// Whether nothing works as it stands.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.finding, Finding::Missing(_))
    }
}

/// A line for a person.
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
