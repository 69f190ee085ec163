//! The Data API: signed JSON 1.1 over HTTP.
//!
//! Requests, responses and errors follow the service's model, version 2019-12-20.

mod describe;
mod error;
mod metadata;
mod page;
mod result;
mod router;
mod session;
mod shape;
mod signature;
mod submit;
mod validate;

pub(crate) use router::{Api, router};
