//! Twins of what loading needs: table `load`, and a warehouse that runs loads as the real one would.
//!
//! Both hang on one [`Fuse`], so that a test can let the loader die at any call.

mod fuse;
mod notebook;
mod warehouse;

pub use fuse::{Answer, Fuse};
pub use notebook::Notebook;
pub use warehouse::{TwinFile, TwinRow, Warehouse};
