//! Limits the rate of calls to AWS, for all tasks of a process together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep_until};

/// The longest gap between two calls, in units: even 50 processes together then make fewer than 3 calls a
/// second.
const LONGEST_GAP: u32 = 200;

/// The longest delay between two polls of an idle stack, in units.
const LONGEST_POLL: u32 = 50;

/// The longest delay after a failure, in units.
const LONGEST_DELAY: u32 = 200;

/// Adapts the rate of calls: each throttled call doubles the gap between calls, each response shortens it.
///
/// All users of an account share its limits: CloudFormation allows a few calls a second.
#[derive(Debug)]
pub struct Throttle {
    unit: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the next call may start.
    next: Instant,
    gap: Duration,
}

impl Default for Throttle {
    /// The unit is a tenth of a second: polls start at this interval and slow down to one in five seconds.
    fn default() -> Self {
        Self::new(Duration::from_millis(100))
    }
}

impl Throttle {
    /// Creates a throttle whose delays are multiples of `unit`.
    #[must_use]
    pub fn new(unit: Duration) -> Self {
        Self {
            unit,
            state: Mutex::new(State {
                next: Instant::now(),
                gap: Duration::ZERO,
            }),
        }
    }

    /// Waits until the next call may start.
    pub(crate) async fn wait_turn(&self) {
        let at = {
            let mut state = self.state();
            let at = state.next.max(Instant::now());
            state.next = at + state.gap;
            at
        };
        sleep_until(at).await;
    }

    /// Records a throttled call.
    pub(crate) fn record_throttling(&self) {
        let mut state = self.state();
        state.gap = (state.gap * 2).clamp(self.unit, self.unit * LONGEST_GAP);
    }

    /// Records a response.
    pub(crate) fn record_response(&self) {
        let mut state = self.state();
        state.gap = state.gap * 4 / 5;
        if state.gap < self.unit / 4 {
            state.gap = Duration::ZERO;
        }
    }

    /// Returns the delay after failure `number`, counted from 0: random, with an upper limit that doubles each time.
    pub(crate) fn delay_after_failure(&self, number: u32) -> Duration {
        let bound = self.unit * 2_u32.saturating_pow(number + 1).min(LONGEST_DELAY);
        bound.mul_f64(rand::rng().random_range(0.1..1.0))
    }

    /// Returns the delay before the next poll, after `quiet` polls without news; with jitter, so that clients do not
    /// poll at the same time.
    pub(crate) fn delay_before_poll(&self, quiet: u32) -> Duration {
        let grown = 1.5_f64.powi(i32::try_from(quiet.min(20)).unwrap_or(20));
        let pause = self.unit.mul_f64(grown).min(self.unit * LONGEST_POLL);
        pause.mul_f64(rand::rng().random_range(0.75..1.25))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(throttle: &Throttle) -> Duration {
        throttle.state().gap
    }

    #[test]
    fn throttled_calls_slow_down_to_a_limit_and_responses_restore_full_speed() {
        let throttle = Throttle::default();
        assert_eq!(gap(&throttle), Duration::ZERO);
        for _ in 0..20 {
            throttle.record_throttling();
        }
        assert_eq!(gap(&throttle), Duration::from_secs(20));
        for _ in 0..60 {
            throttle.record_response();
        }
        assert_eq!(gap(&throttle), Duration::ZERO);
    }

    #[test]
    fn delays_grow_up_to_a_limit_and_have_jitter() {
        let throttle = Throttle::default();
        for number in 0..100 {
            assert!(throttle.delay_after_failure(number) <= Duration::from_secs(20));
            assert!(throttle.delay_before_poll(number) <= Duration::from_millis(6_250));
        }
        assert!(throttle.delay_before_poll(0) < throttle.delay_before_poll(9));
        let once: Vec<_> = (0..20).map(|_| throttle.delay_before_poll(5)).collect();
        assert!(once.iter().any(|pause| *pause != once[0]));
    }
}
