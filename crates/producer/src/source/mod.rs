//! Sources of rows: a CSV file, plain or compressed, a workbook, or synthetic rows.

mod bounded;
mod columns;
mod file;
mod format;
mod header;
mod input;
mod rows;
mod workbook;

pub use columns::{Columns, ColumnsError};
pub use file::CsvError;
pub(crate) use file::CsvFile;
pub use format::Foreign;
pub(crate) use header::Header;
pub use header::HeaderError;
pub(crate) use input::Bytes;
pub use rows::{Source, SourceError};
pub(crate) use workbook::located;
pub use workbook::{Sheet, WorkbookError};
