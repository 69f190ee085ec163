//! What all requests share.

use super::feed::Feed;
use super::guard::Guard;
use super::sessions::Sessions;
use crate::environment::EnvironmentName;

/// The parts of one console.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) guard: Guard,
    pub(super) sessions: Sessions,
    pub(super) feed: Feed,
    /// Name of the environment, for titles.
    pub(super) environment: EnvironmentName,
}
