//! Retries of the functions: at most six retries, and none beyond the deadline.

use std::iter::Take;
use std::time::Duration;

use backoff::Backoff;

/// Retries after the first attempt.
const RETRIES: usize = 6;
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// Delays before the retries of a call, from 50 ms to 2 s. The caller sleeps for a random part of each ("full jitter").
#[derive(Debug)]
pub(crate) struct Retries(Take<Backoff>);

impl Default for Retries {
    fn default() -> Self {
        Self(Backoff::new(FIRST, LONGEST).take(RETRIES))
    }
}

impl Retries {
    /// Returns the longest delay before the next attempt. `None` after six retries, or if `left` is not longer than
    /// the delay.
    pub(crate) fn delay(&mut self, left: Duration) -> Option<Duration> {
        self.0.next().filter(|delay| *delay < left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit_and_end() {
        let mut retries = Retries::default();
        let delays: Vec<_> =
            std::iter::from_fn(|| retries.delay(Duration::MAX).map(|delay| delay.as_millis()))
                .collect();
        assert_eq!(delays, [50, 100, 200, 400, 800, 1600]);
    }

    #[test]
    fn no_delay_exceeds_the_deadline() {
        let mut retries = Retries::default();
        assert_eq!(retries.delay(Duration::from_millis(50)), None);
        assert_eq!(Retries::default().delay(Duration::ZERO), None);
    }
}
