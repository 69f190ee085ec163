//! SQL for the warehouse, in Redshift's dialect.

pub mod check;
pub mod load;
pub mod login;
pub mod migration;
pub mod query;
