//! Delays between the retries of one request.

use std::time::Duration;

use backoff::Backoff;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Number of retries. Together they take about one minute.
const RETRIES: u32 = 12;

/// Delays that double from 0.1 s to 10 s, each multiplied by a random factor between one half and one.
#[derive(Debug)]
pub(crate) struct RetryDelays {
    backoff: Backoff,
    left: u32,
}

impl RetryDelays {
    pub(crate) const fn new() -> Self {
        Self {
            backoff: Backoff::new(FIRST, LONGEST),
            left: RETRIES,
        }
    }

    /// Returns the next delay, at least `asked` but at most 10 s. `None` after twelve retries.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let delay = self.backoff.delay_with_jitter(rand::random());
        // The API may ask for an hour, but a user waits for this command.
        Some(delay.max(asked.unwrap_or_default().min(LONGEST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit_and_end() {
        let mut delays = RetryDelays::new();
        let mut most = FIRST;
        let mut count = 0;
        while let Some(delay) = delays.next(None) {
            assert!((most / 2..=most).contains(&delay), "{delay:?} of {most:?}");
            most = (most * 2).min(LONGEST);
            count += 1;
        }
        assert_eq!(count, 12);
    }

    #[test]
    fn the_api_may_ask_for_longer_but_not_for_ever() {
        let asked = |seconds| RetryDelays::new().next(Some(Duration::from_secs(seconds)));
        assert_eq!(asked(2), Some(Duration::from_secs(2)));
        assert_eq!(asked(3600), Some(LONGEST));
    }
}
