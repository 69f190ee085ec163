//! Exponential backoff: the one implementation for all crates.
//!
//! Pure: it computes delays and does not sleep.
//!
//! Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>

use std::time::Duration;

/// Delays that double from a first to a longest one. An endless iterator; `take` limits the number of retries.
#[derive(Clone, Debug)]
pub struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
        }
    }

    /// Returns the next delay.
    pub fn delay(&mut self) -> Duration {
        let delay = self.next.min(self.longest);
        self.next = delay.saturating_mul(2);
        delay
    }

    /// Returns a random half to whole of the next delay, so that clients that failed together do not retry together.
    /// `random` is in 0..1.
    pub fn delay_with_jitter(&mut self, random: f64) -> Duration {
        self.delay().mul_f64(0.5 + random / 2.0)
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        Some(self.delay())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(20);
    const LONGEST: Duration = Duration::from_secs(5);

    #[test]
    fn delays_double_up_to_a_limit_and_keep_at_least_a_half() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        let whole: Vec<_> = (0..10)
            .map(|_| backoff.delay_with_jitter(1.0).as_millis())
            .collect();
        assert_eq!(whole, [20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000]);
        assert_eq!(
            Backoff::new(FIRST, LONGEST).delay_with_jitter(0.0),
            FIRST / 2
        );
        assert_eq!(Backoff::new(FIRST, LONGEST).nth(10_000), Some(LONGEST));
    }

    #[test]
    fn no_delay_is_longer_than_the_longest() {
        let mut backoff = Backoff::new(LONGEST, FIRST);
        assert_eq!([backoff.delay(), backoff.delay()], [FIRST, FIRST]);
        let mut endless = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!(endless.nth(2), Some(Duration::MAX));
    }
}
