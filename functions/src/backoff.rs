//! How long to wait before asking again.

use std::time::Duration;

/// Attempts after the first.
const RETRIES: u32 = 6;
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// Waits that double from 50 ms to 2 s, of which a random part is slept ("full jitter").
///
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Debug, Default)]
pub struct Backoff {
    retries: u32,
}

impl Backoff {
    /// The longest wait before the next attempt. `None` after six, or when `left` would not outlast it.
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
    fn waits_double_up_to_a_limit_and_end() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> =
            std::iter::from_fn(|| backoff.next(Duration::MAX).map(|wait| wait.as_millis()))
                .collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1600]);
    }

    #[test]
    fn no_wait_outlasts_the_deadline() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(Duration::from_millis(50)), None);
        assert_eq!(Backoff::default().next(Duration::ZERO), None);
    }
}
