//! The functions' metrics.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;

/// The namespace of all metrics. Their only dimension is the function's name, which contains the environment's name.
pub const NAMESPACE: &str = "Riverhouse";
/// Age of the events that an invocation has handled, in milliseconds since the API received them. Every function on the
/// way of an event emits it, so its percentiles are the latency from the request to the end of that stage.
pub const EVENT_AGE: &str = "EventAgeMilliseconds";
/// The maximum number of values of a metric in one line of the embedded metric format.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
const MAX_VALUES: usize = 100;

/// Unit of a metric, named as in `CloudWatch`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum Unit {
    Count,
    Bytes,
    Milliseconds,
    Seconds,
}

/// A metric of one invocation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Metric {
    /// Name in `CloudWatch`.
    pub name: &'static str,
    pub unit: Unit,
    pub value: Value,
}

/// The value of a metric.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    One(u64),
    /// At most 100 values, from which `CloudWatch` computes percentiles.
    Several(Vec<u64>),
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

    /// The metric [`EVENT_AGE`], of at most 100 ages in milliseconds.
    #[must_use]
    pub const fn event_age(milliseconds: Vec<u64>) -> Self {
        Self {
            name: EVENT_AGE,
            unit: Unit::Milliseconds,
            value: Value::Several(milliseconds),
        }
    }

    fn new(name: &'static str, unit: Unit, value: usize) -> Self {
        let value = Value::One(u64::try_from(value).unwrap_or(u64::MAX));
        Self { name, unit, value }
    }
}

/// Numbers of events by the time at which the API received them.
#[derive(Clone, Debug, Default)]
pub struct Arrivals(BTreeMap<OffsetDateTime, usize>);

impl Arrivals {
    /// Adds `events` that were received at `at`.
    pub fn add(&mut self, at: OffsetDateTime, events: usize) {
        *self.0.entry(at).or_default() += events;
    }

    /// Returns the ages of the events at `now`; `None` without events.
    ///
    /// Of more than 100 events it has 100 ages: the greatest of each hundredth of the events in the order of their age.
    #[must_use]
    pub fn ages(&self, now: OffsetDateTime) -> Option<Metric> {
        let events: usize = self.0.values().sum();
        let parts = events.min(MAX_VALUES);
        let mut ages = Vec::with_capacity(parts);
        let mut younger = 0;
        for (at, count) in self.0.iter().rev() {
            younger += count;
            let age = u64::try_from((now - *at).whole_milliseconds()).unwrap_or_default();
            while ages.len() < parts && (ages.len() + 1) * events / parts <= younger {
                ages.push(age);
            }
        }
        (!ages.is_empty()).then(|| Metric::event_age(ages))
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn ages(arrivals: &[(i64, usize)]) -> Option<Vec<u64>> {
        let mut all = Arrivals::default();
        for (seconds_ago, events) in arrivals {
            all.add(NOW - Duration::seconds(*seconds_ago), *events);
        }
        all.ages(NOW).map(|metric| match metric.value {
            Value::Several(ages) => ages,
            Value::One(age) => vec![age],
        })
    }

    #[test]
    fn every_event_of_a_small_batch_has_its_age_and_no_event_no_metric() {
        assert_eq!(ages(&[(3, 2), (1, 1)]), Some(vec![1_000, 3_000, 3_000]));
        assert_eq!(ages(&[]), None);
        assert_eq!(ages(&[(3, 0)]), None);
    }

    #[test]
    fn a_hundred_ages_have_the_percentiles_of_a_large_batch_and_its_greatest_age() {
        let ages = ages(&[(1, 900), (10, 95), (60, 5)]).unwrap();
        assert_eq!(ages.len(), MAX_VALUES);
        assert_eq!((ages[49], ages[89], ages[90]), (1_000, 1_000, 10_000));
        assert_eq!((ages[98], ages[99]), (10_000, 60_000));
    }

    #[test]
    fn an_event_of_a_clock_that_is_ahead_has_the_age_zero() {
        assert_eq!(ages(&[(-5, 1)]), Some(vec![0]));
    }
}
