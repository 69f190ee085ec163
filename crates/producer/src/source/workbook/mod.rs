//! Reads the rows of an `.xlsx` workbook.
//!
//! The sheets are read cell by cell, and their rows are written to an unnamed temporary file, so that the content can
//! be hashed before the first row is sent. Only the workbook's shared strings are held in memory, because the
//! workbook stores them in one part.

mod cell;
mod extract;
mod rows;

pub use extract::WorkbookError;
pub(super) use extract::extract;
pub(crate) use extract::located;
pub(super) use rows::SheetRows;

/// A sheet of a workbook, and the position of its rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sheet {
    pub name: String,
    /// Number of rows of the sheets before it.
    pub before: u64,
}

#[cfg(test)]
pub(super) mod tests;
