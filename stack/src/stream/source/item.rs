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
    /// The line of the file that it starts on, counted from 1; of made rows, their number.
    pub line: u64,
    /// How much of the source has been read with it: bytes of a file, or made rows.
    pub position: u64,
    /// Its fields.
    pub fields: Fields<'a>,
}

/// A row that has no eight fields to make an event of.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Skipped {
    /// The line of the file that it starts on, counted from 1.
    pub line: u64,
    /// Why, for people.
    pub reason: String,
}
