//! Stage 5: objects of the raw lake → CSV in the staging bucket.
//!
//! `notification` reads what S3 says is new, `plan` groups it into files, `lines` understands a line of the
//! lake, `table` writes CSV. One batch of notifications becomes one file a day of arrival, and more only when
//! a file is full: COPY likes few large files.
//!
//! Redelivery may group objects otherwise, and then the rows of one object are in two files. That is
//! harmless: a row's `event_id` says who it is, and the load keeps one row of each. Nothing is ever deleted.

mod handler;
mod lines;
mod notification;
mod plan;
mod table;
#[cfg(test)]
mod tests;

pub use handler::Transform;
pub use table::ROLL_BYTES;
