//! The functions' metrics.

use serde::Serialize;

/// The namespace of all metrics. Their only dimension is the function's name, which contains the environment's name.
pub const NAMESPACE: &str = "Riverhouse";

/// Unit of a metric, named as in `CloudWatch`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum Unit {
    Count,
    Bytes,
    Milliseconds,
    Seconds,
}

/// A metric of one invocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metric {
    /// Name in `CloudWatch`.
    pub name: &'static str,
    pub unit: Unit,
    pub value: u64,
}

impl Metric {
    #[must_use]
    pub fn count(name: &'static str, value: usize) -> Self {
        Self::new(name, Unit::Count, value)
    }

    #[must_use]
    pub fn bytes(name: &'static str, value: usize) -> Self {
        Self::new(name, Unit::Bytes, value)
    }

    #[must_use]
    pub fn seconds(name: &'static str, value: usize) -> Self {
        Self::new(name, Unit::Seconds, value)
    }

    fn new(name: &'static str, unit: Unit, value: usize) -> Self {
        let value = u64::try_from(value).unwrap_or(u64::MAX);
        Self { name, unit, value }
    }
}
