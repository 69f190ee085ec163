//! In-memory implementations of the loader's ports: table `load`, and a warehouse that behaves like the real one.
//!
//! Both use one [`Fuse`], so that a test can stop the loader at any call.

mod fuse;
mod load_table;
mod warehouse;

pub use fuse::{Answer, Fuse};
pub use load_table::LoadTable;
pub use warehouse::{TwinFile, TwinRow, Warehouse};
