//! The PostgreSQL behind the server.

mod compatibility;
mod connection;
mod words;

pub(crate) use compatibility::install;
pub(crate) use connection::{ConnectError, Database, Link, User};
pub(crate) use words::{Failure, explain};
