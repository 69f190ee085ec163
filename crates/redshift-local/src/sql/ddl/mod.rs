//! Statements that create, change, drop and maintain database objects.

pub(crate) mod alter;
mod column;
pub(crate) mod create_table;
pub(crate) mod maintain;
pub(crate) mod objects;
mod routine;
mod storage;
