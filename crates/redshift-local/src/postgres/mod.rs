//! The PostgreSQL behind the server.

mod cancel;
mod column;
mod compatibility;
mod connection;
mod failure;

pub(crate) use cancel::Cancel;
pub(crate) use column::{Column, ColumnType, Kind, is_case_sensitive, is_signed};
pub(crate) use compatibility::install;
pub(crate) use connection::{ConnectError, Connection, Database, User};
pub(crate) use failure::{Failure, explain};
