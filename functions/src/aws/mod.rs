//! Implements the ports with the AWS SDK. No other module of this crate uses the SDK.

mod cause;
mod clients;
mod clock;
mod dynamodb;
mod embedded_metrics;
mod kinesis;
mod load_table;
mod s3;
mod warehouse;

pub use cause::call_error;
pub use clients::Clients;
pub use clock::SystemClock;
pub use dynamodb::Tables;
pub use embedded_metrics::StandardOutput;
pub use kinesis::Stream;
pub use load_table::LoadTable;
pub use s3::{Bucket, Objects};
pub use warehouse::Warehouse;
