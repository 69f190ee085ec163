//! The lock of a production environment: a committed file beside the environment's file. It lists every
//! stateful resource with its type and its create-only properties.
//!
//! Every `stack synth` refuses a template that would lose or replace one of them, before AWS is called.
//! `decide` compares, `file` reads and writes.

mod decide;
mod error;
mod file;

pub use decide::{Change, Finding};
pub use error::LockError;
pub use file::{check, write};
