//! The concurrency of functions.

use std::collections::BTreeMap;

use crate::function::FunctionSpec;

/// How the account's concurrency, 1,000 calls by default, is shared among functions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// No reservation: all functions share it. The only choice in a new account, whose quota is 10.
    Unreserved,
    /// The reservation of each function, by its name. It is also the function's maximum.
    Reserved(BTreeMap<&'static str, u16>),
}

impl Concurrency {
    /// Returns the calls reserved for `function`.
    pub(crate) fn reserved(&self, function: &FunctionSpec) -> Option<u16> {
        match self {
            Self::Unreserved => None,
            Self::Reserved(calls) => calls.get(function.name).copied(),
        }
    }
}
