//! How a loader dies in a test.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::denied;
use crate::ports::CallError;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the loader lives to hear a call's answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It does.
    Heard,
    /// It died meanwhile.
    Lost,
}

fn died() -> CallError {
    denied("test", "Any", "a loader that died")
}

/// Lets a loader die: after so many calls each further one fails.
#[derive(Debug, Default)]
pub struct Fuse {
    left: Mutex<Option<usize>>,
    /// Whether the call that burns it has its effect and only the answer is lost.
    after_effect: Mutex<bool>,
}

impl Fuse {
    /// Burns at the call after `calls`, before or after its effect.
    pub fn burn_after(&self, calls: usize, after_effect: bool) {
        *lock(&self.left) = Some(calls);
        *lock(&self.after_effect) = after_effect;
    }

    /// Every call works again.
    pub fn mend(&self) {
        *lock(&self.left) = None;
    }

    /// Whether it burnt.
    #[must_use]
    pub fn is_burnt(&self) -> bool {
        *lock(&self.left) == Some(0)
    }

    /// Begins a call. The answer of the call is heard, unless the fuse burns after its effect.
    ///
    /// # Errors
    ///
    /// When the fuse burnt, or burns before the effect.
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

    /// Does `effect`, unless the fuse burnt or burns before it.
    pub(super) fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        match (self.enter()?, effect()) {
            (Answer::Heard, done) => Ok(done),
            (Answer::Lost, _) => Err(died()),
        }
    }
}
