//! Stage 4: envelopes → the tables `invoice` and `customer`, and the raw lake.
//!
//! `batch` is what Lambda brings, `reading` understands a record, `keys` names objects, `writing` fills the
//! tables. The tables come first and the lake after them, with exactly what the tables took: a record that
//! has to come again is then not in the lake yet, so that a retry makes no second copy there.
//!
//! Everything is idempotent: items are put under their envelope's id, an object's key says which records are
//! in it. A record that no retry can mend is set aside under `rejects/` and never stops its shard.

mod batch;
mod handler;
mod keys;
mod reading;
#[cfg(test)]
mod tests;
mod writing;

pub use batch::{Batch, Record};
pub use handler::{Failed, Store};
