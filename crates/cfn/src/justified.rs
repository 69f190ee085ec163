//! The reason without which no wildcard is written.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::val::{ArnOf, Val};

/// Why a wildcard has to be one. Shown in the template's metadata beside the resource that holds it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Justified(&'static str);

impl Justified {
    /// # Panics
    ///
    /// When `reason` has fewer than ten characters: that is none. In a `const` it does not compile.
    #[must_use]
    pub const fn because(reason: &'static str) -> Self {
        assert!(
            reason.len() >= 10,
            "a wildcard needs a reason that a reader can judge"
        );
        Self(reason)
    }

    /// The reason as written.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

/// Patterns as `Fn::Sub` spells them, each with the reasons for it.
pub type Wildcards = BTreeMap<String, BTreeSet<Justified>>;

/// What a statement is about: one resource, or a pattern with the reason for it.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(crate) pattern: Val<String>,
    pub(crate) why: Option<Justified>,
}

impl Scope {
    /// Adds the reason to those that are known, if there is one.
    pub(crate) fn note(&self, wildcards: &mut Wildcards) {
        if let Some(why) = self.why {
            wildcards
                .entry(self.pattern.to_string())
                .or_default()
                .insert(why);
        }
    }

    /// Every resource that `pattern` matches, `*` standing for any text.
    #[must_use]
    pub fn wide(pattern: Val<String>, why: Justified) -> Self {
        Self {
            pattern,
            why: Some(why),
        }
    }
}

/// # Panics
///
/// When the ARN is spelled with a `*`: that is [`Scope::wide`].
impl<R> From<&Val<ArnOf<R>>> for Scope {
    fn from(arn: &Val<ArnOf<R>>) -> Self {
        assert!(
            !arn.spells('*'),
            "`{arn}` is a pattern: say why with `Scope::wide`"
        );
        Self {
            pattern: arn.text(),
            why: None,
        }
    }
}
