//! Rows of a CSV file, as the Kaggle file has them or in UTF-8.

use std::borrow::Cow;
use std::error::Error;
use std::io::{Chain, Read};

use csv::ByteRecord;

use super::bounded::{Bounded, MAX_RECORD_BYTES, TooLong};
use super::{Columns, Header, HeaderError};
use crate::stream::content::Encoding;
use crate::stream::event::COLUMNS;
use crate::stream::item::{Item, Row, Skipped};

/// The most bytes of a row: eight times what the API takes of an event, so that a stray quote, which makes
/// one row of many, is told and not sent.
const MAX_ROW_BYTES: usize = 8 * events::MAX_EVENT_BYTES;

/// Reads RFC 4180 with LF or CRLF, a byte order mark or none, and the header first.
#[derive(Debug)]
pub struct CsvFile<R> {
    /// Ends in a line end, whatever the file ends in, so that lines can be counted.
    reader: csv::Reader<Chain<Bounded<R>, &'static [u8]>>,
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
    Read(#[source] csv::Error),
    /// A record has no end that would fit into memory.
    #[error(
        "the row that starts on line {0} has more than {MAX_RECORD_BYTES} bytes: a quote that opens there never \
         closes. Repair that line; no row from it on was sent"
    )]
    Endless(u64),
    /// It was valid UTF-8 a moment ago.
    #[error("line {0} is not UTF-8 any more: the file changed while it was read, stream it again")]
    Changed(u64),
}

impl<R: Read> CsvFile<R> {
    /// Reads the header of `file`, in which `columns` may be named.
    ///
    /// # Errors
    ///
    /// When reading fails or a column is missing.
    pub fn new(file: R, encoding: Encoding, columns: &Columns) -> Result<Self, CsvError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            // The reader's own CRLF counts a line only when it meets the next: `without_cr` instead.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(256 * 1024)
            .from_reader(Bounded::new(file).chain(&b"\n"[..]));
        let first = reader
            .byte_headers()
            .map_err(|error| failed(error, 1))?
            .iter()
            .map(|field| decoded(field, encoding).ok_or(CsvError::Changed(1)))
            .collect::<Result<Vec<_>, _>>()?;
        let header = Header::read(&first, columns)?;
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
            self.reader.get_mut().get_mut().0.next_record();
            let line = self.reader.position().line();
            let read = self.reader.read_byte_record(&mut self.record);
            if !read.map_err(|error| failed(error, line))? {
                return Ok(None);
            }
            if self.record.as_slice() != b"\r" {
                break;
            }
        }
        self.number += 1;
        self.item().map(Some)
    }

    /// Whether the file ended before the quote of the record just read was closed: the line end behind the file is
    /// part of its last field then.
    fn is_open(&self) -> bool {
        let (file, _) = self.reader.get_ref().get_ref();
        let past_end = file
            .total()
            .is_some_and(|total| self.reader.position().byte() > total);
        past_end && self.record.as_slice().ends_with(b"\n")
    }

    /// The record just read.
    fn item(&self) -> Result<Item<'_>, CsvError> {
        let end = self.reader.position();
        let lines = Lines::of(&self.record, end, self.is_open());
        let line = lines.first;
        if let Some(reason) = malformed(&self.record, self.header.width, &lines) {
            let rows = lines.last + 1 - line;
            return Ok(Item::Skipped(Skipped::new(line, rows, reason)));
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

/// The lines of a file that a record takes.
struct Lines {
    first: u64,
    last: u64,
    /// Whether the file ends inside a quote of the record.
    open: bool,
}

impl Lines {
    /// Of a record whose end is at `end`.
    fn of(record: &ByteRecord, end: &csv::Position, open: bool) -> Self {
        let line_ends = |bytes: &[u8]| count(bytes, b'\n') as u64;
        // A record that ended took its line end too, which is in none of its fields.
        let last = if open { end.line() } else { end.line() - 1 };
        // Where the reader began to look for it: empty lines may lie between.
        let from = record.position().map_or(last, csv::Position::line);
        let first = if from == last {
            from
        } else {
            last.saturating_sub(line_ends(record.as_slice())).max(from)
        };
        let last = if open {
            first + line_ends(record.as_slice().trim_ascii_end())
        } else {
            last
        };
        Self { first, last, open }
    }
}

/// A last field of a line that ends in CRLF, without the CR.
fn without_cr(field: &[u8]) -> &[u8] {
    field.strip_suffix(b"\r").unwrap_or(field)
}

/// Why a record is no row.
fn malformed(record: &ByteRecord, width: usize, lines: &Lines) -> Option<String> {
    let bytes = record.as_slice().len();
    let problem = if record.len() != width {
        format!("{} fields where the header has {width}", record.len())
    } else if bytes > MAX_ROW_BYTES {
        format!("{bytes} bytes, at most {MAX_ROW_BYTES} are sent")
    } else if lines.open {
        "a text without an end".to_owned()
    } else if record.iter().any(|field| holds_rows(field, width)) {
        "a text that holds whole rows".to_owned()
    } else {
        return None;
    };
    let last = lines.last;
    Some(match (lines.open, last > lines.first) {
        (true, true) => {
            format!(
                "{problem}; a quote that opens here never closes and takes in all up to line {last}"
            )
        }
        (true, false) => format!("{problem}; a quote that opens here never closes"),
        (false, true) => {
            format!("{problem}; a quote that opens here takes in all up to line {last}")
        }
        (false, false) => problem,
    })
}

/// Whether a text has as many separators for each of its line ends as a row of `width` fields: two stray quotes in
/// one column make one row of all rows between them, with the right number of fields.
fn holds_rows(field: &[u8], width: usize) -> bool {
    let field = field.trim_ascii();
    let line_ends = count(field, b'\n');
    line_ends > 0 && width > 1 && count(field, b',') >= line_ends * (width - 1)
}

/// How many times `byte` is in `bytes`.
#[expect(
    clippy::naive_bytecount,
    reason = "a field is short, and the crate that counts faster is not worth a dependency"
)]
fn count(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().filter(|it| **it == byte).count()
}

/// The error of a reader that was about to read the record on `line`.
fn failed(error: csv::Error, line: u64) -> CsvError {
    let is_endless = match error.kind() {
        csv::ErrorKind::Io(error) => error
            .get_ref()
            .is_some_and(<dyn Error + Send + Sync>::is::<TooLong>),
        _ => false,
    };
    if is_endless {
        CsvError::Endless(line)
    } else {
        CsvError::Read(error)
    }
}

fn decoded(field: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(field).ok().map(Cow::Borrowed),
        Encoding::Latin1 => Some(field.iter().copied().map(char::from).collect()),
    }
}

#[cfg(test)]
mod tests;
