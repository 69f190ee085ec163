//! In-memory implementations of the loader's ports: table `load`, and a warehouse that behaves like the real one.
//!
//! Both use one [`FaultInjector`], so that a test can stop the loader at any call.

mod fault_injector;
mod load_table;
mod warehouse;

pub use fault_injector::{Answer, FaultInjector};
pub use load_table::LoadTable;
pub use warehouse::{MemoryFile, MemoryRow, Warehouse};
