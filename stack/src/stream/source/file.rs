//! Rows of a CSV file, as the Kaggle file has them or in UTF-8.

use std::borrow::Cow;
use std::io::{Chain, Read};

use csv::ByteRecord;

use super::{Header, HeaderError, Item, Row, Skipped};
use crate::stream::content::Encoding;
use crate::stream::event::COLUMNS;

/// The most bytes of a row: eight times what the API takes of an event, so that a stray quote, which makes
/// one row of many, is told and not sent.
const MAX_ROW_BYTES: usize = 8 * events::MAX_EVENT_BYTES;

/// Reads RFC 4180 with LF or CRLF, a byte order mark or none, and the header first.
#[derive(Debug)]
pub struct CsvFile<R> {
    /// Ends in a line end, whatever the file ends in, so that lines can be counted.
    reader: csv::Reader<Chain<R, &'static [u8]>>,
    record: ByteRecord,
    header: Header,
    encoding: Encoding,
    number: u64,
}

/// Why a file's rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// It does not start with the header.
    #[error("it is not a CSV file of order lines")]
    Header(#[from] HeaderError),
    /// Reading failed.
    #[error("reading failed")]
    Read(#[from] csv::Error),
    /// It was valid UTF-8 a moment ago.
    #[error("line {0} is not UTF-8 any more: the file changed while it was read, stream it again")]
    Changed(u64),
}

impl<R: Read> CsvFile<R> {
    /// Reads the header of `file`.
    ///
    /// # Errors
    ///
    /// When reading fails or a column is missing.
    pub fn new(file: R, encoding: Encoding) -> Result<Self, CsvError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            // The reader's own CRLF counts a line only when it meets the next: `without_cr` instead.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(256 * 1024)
            .from_reader(file.chain(&b"\n"[..]));
        let header = Header::read(reader.byte_headers()?)?;
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            header,
            encoding,
            number: 0,
        })
    }

    /// The next row; `None` at the end. Empty lines are no rows.
    ///
    /// # Errors
    ///
    /// When reading fails. A malformed row is none: it is [`Item::Skipped`].
    pub fn read(&mut self) -> Result<Option<Item<'_>>, CsvError> {
        loop {
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(None);
            }
            if self.record.as_slice() != b"\r" {
                break;
            }
        }
        self.number += 1;
        self.item().map(Some)
    }

    /// The record just read.
    fn item(&self) -> Result<Item<'_>, CsvError> {
        let end = self.reader.position();
        let last_line = end.line() - 1;
        let line = first_line(&self.record, last_line);
        if let Some(reason) = malformed(&self.record, self.header.width, line, last_line) {
            return Ok(Item::Skipped(Skipped { line, reason }));
        }
        // Once a row: the bytes of ASCII are the same in both encodings.
        let is_ascii = self.encoding == Encoding::Latin1 && self.record.as_slice().is_ascii();
        let encoding = if is_ascii {
            Encoding::Utf8
        } else {
            self.encoding
        };
        let mut fields = [const { Cow::Borrowed("") }; COLUMNS.len()];
        for (field, position) in fields.iter_mut().zip(self.header.positions) {
            let bytes = &self.record[position];
            let bytes = if position + 1 == self.header.width {
                without_cr(bytes)
            } else {
                bytes
            };
            *field = decoded(bytes, encoding).ok_or(CsvError::Changed(line))?;
        }
        Ok(Item::Row(Row {
            number: self.number,
            line,
            position: end.byte(),
            fields,
        }))
    }
}

/// The line that a record which ended on `last_line` starts on.
fn first_line(record: &ByteRecord, last_line: u64) -> u64 {
    // Where the reader began to look for it: empty lines may lie between.
    let from = record.position().map_or(last_line, csv::Position::line);
    if from == last_line {
        return from;
    }
    let line_ends = record.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
    last_line.saturating_sub(line_ends).max(from)
}

/// A last field of a line that ends in CRLF, without the CR.
fn without_cr(field: &[u8]) -> &[u8] {
    field.strip_suffix(b"\r").unwrap_or(field)
}

/// Why a record is no row.
fn malformed(record: &ByteRecord, width: usize, line: u64, last_line: u64) -> Option<String> {
    let bytes = record.as_slice().len();
    let problem = if record.len() != width {
        format!("{} fields where the header has {width}", record.len())
    } else if bytes > MAX_ROW_BYTES {
        format!("{bytes} bytes, at most {MAX_ROW_BYTES} are sent")
    } else {
        return None;
    };
    Some(if last_line > line {
        format!("{problem}; a quote that opens here takes in all up to line {last_line}")
    } else {
        problem
    })
}

fn decoded(field: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(field).ok().map(Cow::Borrowed),
        Encoding::Latin1 => Some(field.iter().copied().map(char::from).collect()),
    }
}

#[cfg(test)]
mod tests;
