//! Rows of an `.xlsx` workbook.
//!
//! Its sheets are read cell by cell and their rows are written to a temporary file without a name, so that the hash of
//! what was read can be made before the first row is sent. In memory are the texts that the workbook shares between
//! cells, as it stores them in one piece.

mod cell;
mod extract;
mod rows;

pub use extract::WorkbookError;
pub(super) use extract::extract;
pub(crate) use extract::located;
pub use rows::SheetRows;

/// A sheet of a workbook and where its rows are among those of all sheets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// How many rows the sheets before it have.
    pub before: u64,
}

#[cfg(test)]
pub(super) mod tests;
