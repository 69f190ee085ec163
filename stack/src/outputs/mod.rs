//! Names and addresses of an environment: the public contract of `stack outputs`.

mod address;
mod error;
mod find;

pub use address::{AnalystAddress, Buckets, Compute, Outputs, Tables, WarehouseAddress};
pub use error::OutputsError;
pub(crate) use find::of_aws;
pub use find::of_local;
