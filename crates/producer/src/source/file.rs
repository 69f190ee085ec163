//! Reads the rows of a CSV file, in UTF-8 or the encoding of the Kaggle file.

use std::borrow::Cow;
use std::error::Error;
use std::io::{Chain, Read};

use csv::ByteRecord;

use super::bounded::{Bounded, MAX_RECORD_BYTES, TooLong};
use super::{Columns, Header, HeaderError};
use crate::content::Encoding;
use crate::event::COLUMNS;
use crate::item::{Item, Row, Skipped};

/// Maximum size of a row: eight times the API's limit for an event. A stray quote that merges many rows is reported
/// instead of sent.
const MAX_ROW_BYTES: usize = 8 * events::MAX_EVENT_BYTES;

/// Reads RFC 4180 with a header, LF or CRLF, with or without a byte order mark.
#[derive(Debug)]
pub(crate) struct CsvFile<R> {
    /// A line end is appended, whatever the file ends in, so that lines can be counted.
    reader: csv::Reader<Chain<Bounded<R>, &'static [u8]>>,
    record: ByteRecord,
    header: Header,
    encoding: Encoding,
    number: u64,
}

/// Why the rows of a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The first line is not a header of order lines.
    #[error("it is not a CSV file of order lines")]
    Header(#[from] HeaderError),
    /// An I/O error.
    #[error("reading failed")]
    Read(#[source] csv::Error),
    /// A record exceeds 64 MiB.
    #[error(
        "the row that starts on line {0} has more than {MAX_RECORD_BYTES} bytes, because a quote on that line is never \
         closed: repair the line; no row from that line on was sent"
    )]
    Endless(u64),
    /// The first pass found valid UTF-8, but the file is not valid any more.
    #[error(
        "line {0} is no longer valid UTF-8: the file changed while it was read; stream it again"
    )]
    Changed(u64),
}

impl<R: Read> CsvFile<R> {
    /// Reads the header of `file`. `columns` are the user's names.
    ///
    /// # Errors
    ///
    /// When reading fails or a column is missing.
    pub(crate) fn new(file: R, encoding: Encoding, columns: &Columns) -> Result<Self, CsvError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            // The reader's own CRLF mode counts a line only at the start of the next one, so `without_cr` removes the
            // CR instead.
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

    /// Reads the next row; `None` at the end. Skips empty lines.
    ///
    /// # Errors
    ///
    /// When reading fails. A malformed row is not an error but [`Item::Skipped`].
    pub(crate) fn read(&mut self) -> Result<Option<Item<'_>>, CsvError> {
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

    /// Returns whether the file ended inside a quote of the current record. The appended line end is then part of the
    /// record's last field.
    fn is_open(&self) -> bool {
        let (file, _) = self.reader.get_ref().get_ref();
        let past_end = file
            .total()
            .is_some_and(|total| self.reader.position().byte() > total);
        past_end && self.record.as_slice().ends_with(b"\n")
    }

    /// Converts the current record.
    fn item(&self) -> Result<Item<'_>, CsvError> {
        let end = self.reader.position();
        let lines = Lines::of(&self.record, end, self.is_open());
        let line = lines.first;
        if let Some(reason) = malformed(&self.record, self.header.width, &lines) {
            let rows = lines.last + 1 - line;
            return Ok(Item::Skipped(Skipped::new(line, rows, reason)));
        }
        // Checked once per row: ASCII bytes are the same in both encodings.
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

/// The lines of the file that a record covers.
struct Lines {
    first: u64,
    last: u64,
    /// Whether the file ends inside a quote of the record.
    open: bool,
}

impl Lines {
    /// Returns the lines of a record that ends at `end`.
    fn of(record: &ByteRecord, end: &csv::Position, open: bool) -> Self {
        let line_ends = |bytes: &[u8]| count(bytes, b'\n') as u64;
        // A complete record includes its line end, which is in none of its fields.
        let last = if open { end.line() } else { end.line() - 1 };
        // Where the reader started to read the record; empty lines may come before it.
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

/// Removes the CR from the last field of a line that ends in CRLF.
fn without_cr(field: &[u8]) -> &[u8] {
    field.strip_suffix(b"\r").unwrap_or(field)
}

/// Returns why a record is not a valid row, or `None` if it is valid.
fn malformed(record: &ByteRecord, width: usize, lines: &Lines) -> Option<String> {
    let bytes = record.as_slice().len();
    let problem = if record.len() != width {
        format!(
            "the row has {} fields, but the header has {width}",
            record.len()
        )
    } else if bytes > MAX_ROW_BYTES {
        format!("the row has {bytes} bytes, but the maximum is {MAX_ROW_BYTES}")
    } else if lines.open {
        "the file ends inside a quoted field".to_owned()
    } else if record.iter().any(|field| holds_rows(field, width)) {
        "a quoted field contains whole rows".to_owned()
    } else {
        return None;
    };
    let last = lines.last;
    Some(match (lines.open, last > lines.first) {
        (true, true) => format!(
            "{problem}; a quote on this line is never closed, so the row continues to line {last}"
        ),
        (true, false) => format!("{problem}; a quote on this line is never closed"),
        (false, true) => {
            format!("{problem}; a quote on this line makes the row continue to line {last}")
        }
        (false, false) => problem,
    })
}

/// Returns whether a field contains as many separators per line end as rows of `width` fields have. Two stray quotes
/// in one column merge all rows between them into one, with the right number of fields.
fn holds_rows(field: &[u8], width: usize) -> bool {
    let field = field.trim_ascii();
    let line_ends = count(field, b'\n');
    line_ends > 0 && width > 1 && count(field, b',') >= line_ends * (width - 1)
}

/// Returns how many times `byte` occurs in `bytes`.
#[expect(
    clippy::naive_bytecount,
    reason = "a field is short, and the crate that counts faster is not worth a dependency"
)]
fn count(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().filter(|it| **it == byte).count()
}

/// Converts an error of the reader while it reads the record on `line`.
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
