//! The lock of a production environment: a committed file beside the environment's, which lists every resource that
//! holds data with its type and what no update can change.
//!
//! A template that would lose or replace one is refused before anything is asked of AWS, at every `stack synth`.
//! `decide` compares, `file` reads and writes.

mod decide;
mod error;
mod file;

pub use decide::{Change, Finding};
pub use error::LockError;
pub use file::{check, write};
