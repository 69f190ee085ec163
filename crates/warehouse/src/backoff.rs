//! Backoff between two requests.

use std::time::Duration;

/// The maximum time that the Data API waits in one call.
///
/// Source: `WaitTimeSeconds` in <https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html>
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(5);

/// Exponential backoff from 20 ms to 5 s, with jitter: a random half to whole of each delay is slept.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    looks: u32,
}

impl Backoff {
    /// The next delay. `random` is in 0..1.
    pub(crate) fn next(&mut self, random: f64) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.looks.min(16)).min(LONGEST);
        self.looks += 1;
        whole.mul_f64(0.5 + random / 2.0)
    }
}

/// The wait to request from the Data API when `left` remains: whole seconds, zero below one second.
pub(crate) fn wait(left: Duration) -> Duration {
    Duration::from_secs(left.min(LONGEST_WAIT).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit_and_keep_at_least_a_half() {
        let mut backoff = Backoff::default();
        let whole: Vec<_> = (0..10).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(whole, [20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000]);
        assert_eq!(Backoff::default().next(0.0), FIRST / 2);
        assert_eq!(
            Backoff {
                looks: u32::MAX - 1
            }
            .next(1.0),
            LONGEST
        );
    }

    #[test]
    fn the_requested_wait_is_whole_seconds_up_to_thirty() {
        let asked = |millis| wait(Duration::from_millis(millis)).as_secs();
        assert_eq!(
            [asked(999), asked(1_999), asked(30_500), asked(90_000)],
            [0, 1, 30, 30]
        );
    }
}
