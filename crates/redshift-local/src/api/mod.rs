//! The Data API as clients see it: JSON 1.1 over HTTP, signed.
//!
//! Shapes and errors are those of the service's model, version 2019-12-20.

mod describe;
mod error;
mod metadata;
mod operation;
mod page;
mod result;
mod router;
mod session;
mod shape;
mod signature;
mod submit;
mod validate;

pub(crate) use router::{Api, router};
