//! How a loader dies in a test.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::denied;
use crate::ports::CallError;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Does `effect`, unless the fuse burnt or burns before it.
    pub(super) fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        let died = || denied("test", "Any", "a loader that died");
        let mut left = lock(&self.left);
        match &mut *left {
            None => Ok(effect()),
            Some(0) => Err(died()),
            Some(calls) => {
                *calls -= 1;
                let burns = *calls == 0;
                if burns && !*lock(&self.after_effect) {
                    return Err(died());
                }
                let done = effect();
                if burns { Err(died()) } else { Ok(done) }
            }
        }
    }
}
