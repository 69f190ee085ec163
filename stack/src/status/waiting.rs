//! Backlog of a stage.

use time::OffsetDateTime;

/// Work that waits for a stage.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Waiting {
    pub(super) count: u64,
    /// Arrival of the oldest item; `None` when it is unknown or nothing waits.
    pub(super) oldest: Option<OffsetDateTime>,
}

impl Waiting {
    /// Adds an item that has waited since `at`, if that is known.
    pub(super) fn add(&mut self, at: Option<OffsetDateTime>) {
        *self = self.or_older(Self {
            count: self.count + 1,
            oldest: at,
        });
    }

    /// Returns the larger count and the older time.
    pub(super) fn or_older(self, other: Self) -> Self {
        Self {
            count: self.count.max(other.count),
            oldest: match (self.oldest, other.oldest) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
        }
    }
}
