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
    Heard,
    /// The call had its effect, but the loader stopped before it received the result.
    Lost,
}

fn died() -> CallError {
    denied("test", "Any", "a loader that died")
}

/// Stops a loader: after a number of calls, every further call fails.
#[derive(Debug, Default)]
pub struct Fuse {
    left: Mutex<Option<usize>>,
    /// Whether the call at which the fuse burns has its effect and only its result is lost.
    after_effect: Mutex<bool>,
}

impl Fuse {
    /// Makes the call after the next `calls` fail, before or after its effect.
    pub fn burn_after(&self, calls: usize, after_effect: bool) {
        *lock(&self.left) = Some(calls);
        *lock(&self.after_effect) = after_effect;
    }

    /// Lets calls succeed again.
    pub fn mend(&self) {
        *lock(&self.left) = None;
    }

    /// Returns whether the fuse has burnt.
    #[must_use]
    pub fn is_burnt(&self) -> bool {
        *lock(&self.left) == Some(0)
    }

    /// Starts a call. Returns whether the loader receives its result.
    ///
    /// # Errors
    ///
    /// Fails if the fuse has burnt, or burns before the effect of this call.
    pub fn enter(&self) -> Result<Answer, CallError> {
        let mut left = lock(&self.left);
        match &mut *left {
            None => return Ok(Answer::Heard),
            Some(0) => return Err(died()),
            Some(calls) => *calls -= 1,
        }
        match *left {
            Some(0) if *lock(&self.after_effect) => Ok(Answer::Lost),
            Some(0) => Err(died()),
            _ => Ok(Answer::Heard),
        }
    }

    /// Runs `effect`, unless the fuse has burnt or burns before the effect.
    pub(super) fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        match (self.enter()?, effect()) {
            (Answer::Heard, done) => Ok(done),
            (Answer::Lost, _) => Err(died()),
        }
    }
}
