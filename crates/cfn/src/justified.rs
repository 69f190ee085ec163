//! Wildcards and the reasons that they require.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::val::{ArnOf, Val};

/// The reason for a wildcard. It is written to the template's metadata, beside the resource that has the
/// wildcard.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Justified(&'static str);

impl Justified {
    /// # Panics
    ///
    /// Panics if `reason` is shorter than ten characters. In a `const` this is a compile error.
    #[must_use]
    pub const fn because(reason: &'static str) -> Self {
        assert!(
            reason.len() >= 10,
            "a wildcard needs a reason of at least ten characters"
        );
        Self(reason)
    }

    /// Returns the reason as written.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

/// Wildcard patterns as `Fn::Sub` text, each with its reasons.
pub type Wildcards = BTreeMap<String, BTreeSet<Justified>>;

/// The resource of a statement: one exact ARN, or a pattern with its reason.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(crate) pattern: Val<String>,
    pub(crate) why: Option<Justified>,
}

impl Scope {
    /// Records the pattern and its reason in `wildcards`, if this scope is a pattern.
    pub(crate) fn note(&self, wildcards: &mut Wildcards) {
        if let Some(why) = self.why {
            wildcards
                .entry(self.pattern.to_string())
                .or_default()
                .insert(why);
        }
    }

    /// Returns every resource that `pattern` matches; `*` matches any text.
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
/// Panics if the ARN contains `*`: use [`Scope::wide`] for patterns.
impl<R> From<&Val<ArnOf<R>>> for Scope {
    fn from(arn: &Val<ArnOf<R>>) -> Self {
        assert!(
            !arn.spells('*'),
            "ARN `{arn}` contains `*`: give the reason with `Scope::wide`"
        );
        Self {
            pattern: arn.text(),
            why: None,
        }
    }
}
