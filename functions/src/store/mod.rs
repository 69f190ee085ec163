//! Stage 4: envelopes → tables `invoice` and `customer`, and the raw lake.
//!
//! `batch` parses the Lambda event, `reading` parses a record, `keys` builds object keys, `writing` writes the items.
//! The tables are written first, then exactly the records that the tables accepted go to the lake: a record that must
//! be retried is not in the lake yet, so the retry adds no second copy.
//!
//! Everything is idempotent: an item's key contains its envelope id, and an object's key names the records in it. A
//! record that no retry can fix is written under `rejects/` and never blocks its shard.

mod batch;
mod handler;
mod keys;
mod reading;
mod settings;
#[cfg(test)]
mod tests;
mod writing;

pub use batch::{Batch, Record};
pub use handler::{Failed, Store};
pub use keys::lake_hour;
pub use settings::{BatchFailures, Settings};
