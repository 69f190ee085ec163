//! The key `warehouse` of an environment file: what analysts ask, where it is, and how they get there.
//!
//! `keys` is what is written, `read` decides whether it makes sense, `settings` is what comes of it.

mod keys;
mod read;
mod settings;

pub(super) use keys::WarehouseKeys;
pub use settings::{ClusterAccess, Network, Place, ServerlessAccess, Warehouse};
