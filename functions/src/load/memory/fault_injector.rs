//! Simulates a loader that stops at a given call.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::denied;
use crate::ports::CallError;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the loader receives the result of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    Received,
    /// The call had its effect, but the loader stopped before it received the result.
    Lost,
}

fn stopped() -> CallError {
    denied("test", "Any", "a loader that stopped")
}

/// Stops a loader: after a number of calls, every further call fails.
#[derive(Debug, Default)]
pub struct FaultInjector {
    left: Mutex<Option<usize>>,
    /// Whether the first failing call has its effect and only its result is lost.
    after_effect: Mutex<bool>,
}

impl FaultInjector {
    /// Makes the call after the next `calls` fail, before or after its effect.
    pub fn fail_after(&self, calls: usize, after_effect: bool) {
        *lock(&self.left) = Some(calls);
        *lock(&self.after_effect) = after_effect;
    }

    /// Lets calls succeed again.
    pub fn repair(&self) {
        *lock(&self.left) = None;
    }

    /// Returns whether the loader was stopped.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        *lock(&self.left) == Some(0)
    }

    /// Starts a call. Returns whether the loader receives its result.
    ///
    /// # Errors
    ///
    /// Fails if the loader was stopped, or is stopped before the effect of this call.
    pub fn enter(&self) -> Result<Answer, CallError> {
        let mut left = lock(&self.left);
        match &mut *left {
            None => return Ok(Answer::Received),
            Some(0) => return Err(stopped()),
            Some(calls) => *calls -= 1,
        }
        match *left {
            Some(0) if *lock(&self.after_effect) => Ok(Answer::Lost),
            Some(0) => Err(stopped()),
            _ => Ok(Answer::Received),
        }
    }

    /// Runs `effect`, unless the loader was stopped, or is stopped before the effect.
    pub(super) fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        match (self.enter()?, effect()) {
            (Answer::Received, done) => Ok(done),
            (Answer::Lost, _) => Err(stopped()),
        }
    }
}
