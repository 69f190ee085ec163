//! Reads the rows of a compressed CSV file as bytes.

use std::io::{self, BufRead as _, BufReader};

use flate2::read::MultiGzDecoder;

/// Reads the rows of a file one by one, without decoding them.
pub(super) struct Rows<'f> {
    input: BufReader<MultiGzDecoder<&'f [u8]>>,
    /// The row, including the end of its last line.
    pub(super) row: Vec<u8>,
    /// Row number, from 1 for the header.
    pub(super) number: u64,
    /// Number of the row's first line, from 1.
    pub(super) line: u64,
    /// Number of the line after the row.
    pub(super) next_line: u64,
}

impl<'f> Rows<'f> {
    pub(super) fn new(file: &'f [u8]) -> Self {
        Self {
            input: BufReader::new(MultiGzDecoder::new(file)),
            row: Vec::new(),
            number: 0,
            line: 0,
            next_line: 1,
        }
    }

    /// Reads the next row; returns `false` at the end.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        self.row.clear();
        self.number += 1;
        self.line = self.next_line;
        let mut place = Place::Start;
        loop {
            let from = self.row.len();
            if self.input.read_until(b'\n', &mut self.row)? == 0 {
                return Ok(!self.row.is_empty());
            }
            self.next_line += 1;
            place = self.row[from..].iter().copied().fold(place, Place::after);
            if place != Place::Quoted {
                return Ok(true);
            }
        }
    }
}

/// Position in a row of CSV. A quote opens a quoted field only at the start of a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Start,
    Plain,
    Quoted,
    /// After a quote that closes the field, unless a second quote follows.
    Closed,
}

impl Place {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, _) | (Self::Start | Self::Closed, b'"') => Self::Quoted,
            (_, b',') => Self::Start,
            _ => Self::Plain,
        }
    }
}

/// Returns the row without its line end.
pub(super) fn trimmed(row: &[u8]) -> &[u8] {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    row.strip_suffix(b"\r").unwrap_or(row)
}
