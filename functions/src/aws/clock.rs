//! The system clock.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use time::OffsetDateTime;

use crate::ports::Clock;

/// The system clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    async fn pause(&self, at_most: Duration) {
        // Each `RandomState` has other hash keys, which is random enough to spread clients.
        let random = RandomState::new().hash_one(()) >> 32;
        let thousandths = u32::try_from(random % 1_000).unwrap_or_default();
        tokio::time::sleep(at_most * thousandths / 1_000).await;
    }
}
