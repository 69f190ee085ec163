//! Metrics that the functions count.

use serde::Serialize;

/// The namespace of every figure; its one dimension is the function's name, which carries the environment.
pub const NAMESPACE: &str = "Riverhouse";

/// What a figure counts in, in `CloudWatch`'s words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// One figure of one invocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metric {
    /// Its name in `CloudWatch`.
    pub name: &'static str,
    /// What it counts in.
    pub unit: Unit,
    /// How much.
    pub value: u64,
}

impl Metric {
    /// So many things.
    #[must_use]
    pub fn count(name: &'static str, value: usize) -> Self {
        Self::new(name, Unit::Count, value)
    }

    /// So many bytes.
    #[must_use]
    pub fn bytes(name: &'static str, value: usize) -> Self {
        Self::new(name, Unit::Bytes, value)
    }

    /// So many seconds.
    #[must_use]
    pub fn seconds(name: &'static str, value: usize) -> Self {
        Self::new(name, Unit::Seconds, value)
    }

    fn new(name: &'static str, unit: Unit, value: usize) -> Self {
        let value = u64::try_from(value).unwrap_or(u64::MAX);
        Self { name, unit, value }
    }
}
