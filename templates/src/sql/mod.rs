//! SQL for the warehouse, in Redshift's dialect, and for extracts in Hyper's.

pub mod check;
pub mod extract;
pub mod load;
pub mod login;
pub mod migration;
pub mod query;
