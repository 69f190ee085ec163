//! SQL for the warehouse, in Redshift's dialect.

pub mod load;
pub mod migration;
pub mod query;
