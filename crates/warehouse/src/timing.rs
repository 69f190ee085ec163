//! Delays between two requests to the Data API.

use std::time::Duration;

use backoff::Backoff;

/// The maximum time that the Data API waits in one call.
///
/// Source: `WaitTimeSeconds` in <https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html>
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Backoff from 20 ms to 5 s.
pub(crate) const BACKOFF: Backoff = Backoff::new(Duration::from_millis(20), Duration::from_secs(5));

/// Returns the wait to request from the Data API when `left` remains: whole seconds, zero below one second.
pub(crate) fn wait(left: Duration) -> Duration {
    Duration::from_secs(left.min(LONGEST_WAIT).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requested_wait_is_whole_seconds_up_to_thirty() {
        let asked = |millis| wait(Duration::from_millis(millis)).as_secs();
        assert_eq!(
            [asked(999), asked(1_999), asked(30_500), asked(90_000)],
            [0, 1, 30, 30]
        );
    }
}
