//! The key `warehouse` of an environment file: kind, network and access of the warehouse.
//!
//! `keys` is the key as it is written, `read` validates it, `settings` is the result.

mod keys;
mod read;
mod settings;

pub(super) use keys::WarehouseKeys;
pub use settings::{ClusterAccess, Network, Place, ServerlessAccess, Warehouse};
