//! Limits the rate of events.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Events per second, written as `1000/s` or `1000`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate(NonZeroU32);

impl Rate {
    /// Returns the maximum batch size: one batch a second then reaches the rate.
    #[must_use]
    pub fn most_events(self) -> usize {
        self.0.get() as usize
    }
}

/// The text is not a rate.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a rate: write events per second, as in 1000/s")]
pub struct RateError(String);

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_suffix("/s").unwrap_or(text);
        number
            .parse()
            .map(Self)
            .map_err(|_not_a_number| RateError(text.to_owned()))
    }
}

/// Spaces requests so that their events do not exceed a rate.
#[derive(Debug)]
pub(crate) struct Pacer {
    rate: Option<Rate>,
    free: Option<Instant>,
}

impl Pacer {
    /// Limits to `rate`; `None` is unlimited.
    #[must_use]
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        Self { rate, free: None }
    }

    /// Returns how long to wait from `now` until `events` may be sent. Unused time gives no burst later.
    pub(crate) fn wait(&mut self, now: Instant, events: usize) -> Duration {
        let Some(Rate(rate)) = self.rate else {
            return Duration::ZERO;
        };
        let start = self.free.map_or(now, |free| free.max(now));
        // A batch has at most 500 events.
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.free = Some(start + Duration::from_secs(1) * events / rate.get());
        start - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_events_a_second() {
        assert_eq!("1000/s".parse::<Rate>().unwrap().most_events(), 1000);
        assert_eq!("7".parse::<Rate>().unwrap().most_events(), 7);
        for text in ["0/s", "", "/s", "-1/s", "1000/m", "1.5/s", "fast"] {
            assert_eq!(text.parse::<Rate>(), Err(RateError(text.to_owned())));
        }
    }

    #[test]
    fn requests_wait_for_the_time_of_those_before_them() {
        let start = Instant::now();
        let mut pacer = Pacer::new("1000/s".parse().ok());
        assert_eq!(pacer.wait(start, 500), Duration::ZERO);
        assert_eq!(pacer.wait(start, 250), Duration::from_millis(500));
        assert_eq!(pacer.wait(start, 1), Duration::from_millis(750));
        let late = start + Duration::from_secs(9);
        assert_eq!(pacer.wait(late, 500), Duration::ZERO);
        assert_eq!(pacer.wait(late, 1), Duration::from_millis(500));
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let mut pacer = Pacer::new(None);
        let now = Instant::now();
        assert_eq!(
            (pacer.wait(now, 500), pacer.wait(now, 500)),
            (Duration::ZERO, Duration::ZERO)
        );
    }
}
