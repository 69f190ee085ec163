//! How fast AWS is asked: one pace for all tasks of a process.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep_until};

/// The longest gap between two calls, in units: 50 processes then stay below 3 calls a second together.
const LONGEST_GAP: u32 = 200;

/// The longest pause between two looks at a stack where nothing happens, in units.
const LONGEST_LOOK: u32 = 50;

/// The longest wait after a refusal, in units.
const LONGEST_WAIT: u32 = 200;

/// Paces calls: each throttle doubles the gap between calls, each answer shortens it.
///
/// An account shares its limits among everybody in it: CloudFormation answers a handful of calls a second.
#[derive(Debug)]
pub struct Pace {
    unit: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the next call may begin.
    next: Instant,
    gap: Duration,
}

impl Default for Pace {
    /// A unit is a tenth of a second: looks begin so often and slow down to one in five seconds.
    fn default() -> Self {
        Self::new(Duration::from_millis(100))
    }
}

impl Pace {
    /// A pace whose every pause is a multiple of `unit`.
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

    /// Waits for the next turn to call.
    pub(super) async fn turn(&self) {
        let at = {
            let mut state = self.state();
            let at = state.next.max(Instant::now());
            state.next = at + state.gap;
            at
        };
        sleep_until(at).await;
    }

    /// A call was throttled.
    pub(super) fn throttled(&self) {
        let mut state = self.state();
        state.gap = (state.gap * 2).clamp(self.unit, self.unit * LONGEST_GAP);
    }

    /// A call was answered.
    pub(super) fn served(&self) {
        let mut state = self.state();
        state.gap = state.gap * 4 / 5;
        if state.gap < self.unit / 4 {
            state.gap = Duration::ZERO;
        }
    }

    /// How long to wait after the refusal of that number, from 0: anything up to a bound that doubles.
    pub(super) fn after_refusal(&self, number: u32) -> Duration {
        let bound = self.unit * 2_u32.saturating_pow(number + 1).min(LONGEST_WAIT);
        bound.mul_f64(rand::rng().random_range(0.1..1.0))
    }

    /// How long to wait before the next look, after so many looks without anything new: a little more or less
    /// than the others wait.
    pub(super) fn before_look(&self, quiet: u32) -> Duration {
        let grown = 1.5_f64.powi(i32::try_from(quiet.min(20)).unwrap_or(20));
        let pause = self.unit.mul_f64(grown).min(self.unit * LONGEST_LOOK);
        pause.mul_f64(rand::rng().random_range(0.75..1.25))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(pace: &Pace) -> Duration {
        pace.state().gap
    }

    #[test]
    fn throttles_slow_down_to_a_bound_and_answers_bring_full_speed_back() {
        let pace = Pace::default();
        assert_eq!(gap(&pace), Duration::ZERO);
        for _ in 0..20 {
            pace.throttled();
        }
        assert_eq!(gap(&pace), Duration::from_secs(20));
        for _ in 0..60 {
            pace.served();
        }
        assert_eq!(gap(&pace), Duration::ZERO);
    }

    #[test]
    fn pauses_grow_stay_bounded_and_differ_from_one_to_the_next() {
        let pace = Pace::default();
        for number in 0..100 {
            assert!(pace.after_refusal(number) <= Duration::from_secs(20));
            assert!(pace.before_look(number) <= Duration::from_millis(6_250));
        }
        assert!(pace.before_look(0) < pace.before_look(9));
        let once: Vec<_> = (0..20).map(|_| pace.before_look(5)).collect();
        assert!(once.iter().any(|pause| *pause != once[0]));
    }
}
