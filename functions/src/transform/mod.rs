//! Stage 5: objects of the raw lake → CSV in the staging bucket.
//!
//! `source` is what an S3 notification names, `plan` groups objects into files, `lines` parses lines of the lake, `table`
//! writes CSV. A batch of notifications becomes one file per day of arrival, and more only when a file is full: COPY
//! is efficient with few large files.
//!
//! A redelivery may group objects differently, so that rows of one object are in two files. This is harmless: the load
//! deduplicates rows by `event_id`. Nothing is ever deleted.

mod handler;
mod lines;
mod plan;
mod settings;
mod source;
mod table;
#[cfg(test)]
mod tests;

pub use handler::Transform;
pub use settings::Settings;
pub use table::ROLL_BYTES;
