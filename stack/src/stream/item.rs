//! What a source yields.

use serde::Serialize;

use crate::stream::event::Fields;

/// One thing read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Item<'a> {
    /// A row to be sent.
    Row(Row<'a>),
    /// A row that is not sent.
    Skipped(Skipped),
}

/// A row to be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row<'a> {
    /// Its number, counted from 1 after the header; skipped rows count.
    pub number: u64,
    /// The line of the file that it starts on, counted from 1; of a workbook, the row counted on from sheet to sheet;
    /// of made rows, their number.
    pub line: u64,
    /// How much of the source has been read with it: bytes of a file, or made rows.
    pub position: u64,
    /// Its fields.
    pub fields: Fields<'a>,
}

/// Rows that no event is made of.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Skipped {
    /// The sheet of a workbook; a file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line of the file, or the row of the sheet, that they start on, counted from 1.
    pub line: u64,
    /// How many rows they are: a stray quote takes in many.
    pub rows: u64,
    /// Why, for people.
    pub reason: String,
}

impl Skipped {
    /// `rows` rows from `line` on, not sent for this `reason`.
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
