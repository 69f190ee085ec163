//! How many calls of a function may run at once.

use std::collections::BTreeMap;

use crate::function::FunctionSpec;

/// How the account's concurrency, 1,000 calls by default, is shared out among functions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// All functions share what the account has. The only way in a fresh account, whose quota is 10.
    Unreserved,
    /// Calls kept for each function by its name: no other function can take them, and it cannot exceed them.
    Reserved(BTreeMap<&'static str, u16>),
}

impl Concurrency {
    /// The calls reserved for `function`.
    pub(crate) fn reserved(&self, function: &FunctionSpec) -> Option<u16> {
        match self {
            Self::Unreserved => None,
            Self::Reserved(calls) => calls.get(function.name).copied(),
        }
    }
}
