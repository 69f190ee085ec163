//! Exponential backoff with jitter for retries.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Number of retries. Together they take about one minute.
const RETRIES: u32 = 12;

/// Waits that double from 0.1 s to 10 s, each with a random factor between one half and one, so that clients that
/// failed together do not retry together.
///
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Debug)]
pub(crate) struct Backoff {
    retries: u32,
    jitter: ChaCha8Rng,
}

impl Backoff {
    /// Returns the backoff of one request. `seed` determines the jitter.
    #[must_use]
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            retries: 0,
            jitter: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Returns the next wait, at least `asked` but at most 10 s. `None` after twelve retries.
    pub(crate) fn wait(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let longest = FIRST
            .saturating_mul(1 << self.retries.min(RETRIES))
            .min(LONGEST);
        self.retries += 1;
        (self.retries <= RETRIES).then(|| {
            let wait = self.jitter.random_range(longest / 2..=longest);
            // The API may ask for an hour, but a user waits for this command.
            wait.max(asked.unwrap_or_default().min(LONGEST))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_by_chance_up_to_a_limit_and_end() {
        let waits = |seed| {
            let mut backoff = Backoff::new(seed);
            std::iter::from_fn(move || backoff.wait(None)).collect::<Vec<_>>()
        };
        let mut most = FIRST;
        for wait in waits(1) {
            assert!((most / 2..=most).contains(&wait), "{wait:?} of {most:?}");
            most = (most * 2).min(LONGEST);
        }
        assert_eq!(waits(1).len(), 12);
        assert_ne!(waits(1), waits(2));
    }

    #[test]
    fn the_api_may_ask_for_longer_but_not_for_ever() {
        let mut backoff = Backoff::new(1);
        assert_eq!(
            backoff.wait(Some(Duration::from_secs(2))),
            Some(Duration::from_secs(2))
        );
        assert_eq!(backoff.wait(Some(Duration::from_hours(1))), Some(LONGEST));
    }
}
