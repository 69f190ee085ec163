//! Exponential backoff with full jitter.

use std::time::Duration;

/// Retries after the first attempt.
const RETRIES: u32 = 6;
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// Delays that double from 50 ms to 2 s. The caller sleeps for a random part of each ("full jitter").
///
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Debug, Default)]
pub struct Backoff {
    retries: u32,
}

impl Backoff {
    /// Returns the longest delay before the next attempt. `None` after six retries, or if `left` is not longer than
    /// the delay.
    pub fn next(&mut self, left: Duration) -> Option<Duration> {
        let wait = FIRST.saturating_mul(1 << self.retries).min(LONGEST);
        self.retries += 1;
        (self.retries <= RETRIES && wait < left).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit_and_end() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> =
            std::iter::from_fn(|| backoff.next(Duration::MAX).map(|wait| wait.as_millis()))
                .collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1600]);
    }

    #[test]
    fn no_delay_exceeds_the_deadline() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(Duration::from_millis(50)), None);
        assert_eq!(Backoff::default().next(Duration::ZERO), None);
    }
}
