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
pub use file::{CsvError, CsvFile};
pub use format::Foreign;
pub use header::{Header, HeaderError};
pub use input::Bytes;
pub use rows::{Source, SourceError};
pub(super) use workbook::located;
pub use workbook::{Sheet, SheetRows, WorkbookError};
