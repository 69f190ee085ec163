//! Where rows come from: a CSV file as it is, or made rows.

mod file;
mod header;
mod item;
mod rows;

pub use file::{CsvError, CsvFile};
pub use header::{Header, HeaderError};
pub use item::{Item, Row, Skipped};
pub use rows::{Source, SourceError};
