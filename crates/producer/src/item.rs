//! Items that a source yields.

use serde::Serialize;

use crate::event::Fields;

/// A row, or rows that were skipped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Item<'a> {
    Row(Row<'a>),
    /// Malformed rows, which are not sent.
    Skipped(Skipped),
}

/// A row that is sent as an event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Row<'a> {
    /// Number of the row, counted from 1 after the header. Skipped rows count.
    pub number: u64,
    /// Line of the file where the row starts, counted from 1. For a workbook, the row counted across all sheets; for
    /// synthetic rows, the row's number.
    pub line: u64,
    /// Progress through the source after this row: bytes of a file, or number of synthetic rows.
    pub position: u64,
    pub fields: Fields<'a>,
}

/// Malformed rows that are not sent.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Skipped {
    /// Sheet of a workbook. `None` for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Line of the file, or row of the sheet, where they start, counted from 1.
    pub line: u64,
    /// Number of rows. A stray quote can merge many rows.
    pub rows: u64,
    /// Explanation, for people.
    pub reason: String,
}

impl Skipped {
    /// Returns `rows` skipped rows from `line` on.
    #[must_use]
    pub fn new(line: u64, rows: u64, reason: String) -> Self {
        Self {
            sheet: None,
            line,
            rows,
            reason,
        }
    }
}
