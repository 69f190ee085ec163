//! Reads rows of CSV or delimited text and splits them into fields.

use std::io::{self, BufRead, Read};

use super::load_error::LoadError;

/// Maximum length of a row in bytes. A file with a longer row is not read further.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html> (a row may have 4 MB)
pub(crate) const LONGEST_ROW: usize = 4 * 1024 * 1024;

/// A row and its fields. One record is reused for all rows.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Text in the file, without the line break.
    pub(crate) raw: Vec<u8>,
    /// Number of the row's first line in the file, from 1.
    pub(crate) line: u64,
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    end: usize,
    quoted: bool,
}

/// Format of the rows of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RecordFormat {
    Csv { delimiter: u8, quote: u8 },
    Delimited { delimiter: u8, escape: bool },
}

impl Record {
    /// Returns the number of fields.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Returns field `at` and whether it was quoted.
    pub(crate) fn get(&self, at: usize) -> Option<(&[u8], bool)> {
        let field = self.fields.get(at)?;
        let start = at
            .checked_sub(1)
            .map_or(0, |before| self.fields[before].end);
        Some((&self.bytes[start..field.end], field.quoted))
    }

    /// Reads the text of the next row into `raw` and returns false at the end of the file. `line`
    /// is the number of lines read so far, and is updated.
    pub(crate) fn read(
        &mut self,
        input: &mut dyn BufRead,
        format: RecordFormat,
        line: &mut u64,
    ) -> io::Result<bool> {
        self.raw.clear();
        self.line = *line + 1;
        let mut state = CsvState::Start;
        loop {
            let from = self.raw.len();
            let room = (LONGEST_ROW + 1).saturating_sub(from);
            let mut rest = (&mut *input).take(room as u64);
            if rest.read_until(b'\n', &mut self.raw)? == 0 {
                break;
            }
            if self.raw.len() > LONGEST_ROW {
                return Err(too_long());
            }
            *line += 1;
            let open = match format {
                RecordFormat::Csv { delimiter, quote } => {
                    state = state.after(&self.raw[from..], delimiter, quote);
                    state == CsvState::Quoted
                }
                RecordFormat::Delimited { escape, .. } => escape && ends_escaped(&self.raw[from..]),
            };
            if !open {
                break;
            }
        }
        if self.raw.is_empty() {
            return Ok(false);
        }
        if !ends_escaped_line(format, &self.raw) && self.raw.last() == Some(&b'\n') {
            self.raw.pop();
            if self.raw.last() == Some(&b'\r') {
                self.raw.pop();
            }
        }
        Ok(true)
    }

    /// Splits `raw` into fields.
    pub(crate) fn split(&mut self, format: RecordFormat) -> Result<(), LoadError> {
        self.bytes.clear();
        self.fields.clear();
        match format {
            RecordFormat::Csv { delimiter, quote } => self.split_csv(delimiter, quote),
            RecordFormat::Delimited { delimiter, escape } => {
                self.split_delimited(delimiter, escape);
                Ok(())
            }
        }
    }

    /// Splits a row as in RFC 4180, with blanks allowed around quotes. The crate `csv` does not
    /// distinguish `""` from an empty field, but Redshift does.
    fn split_csv(&mut self, delimiter: u8, quote: u8) -> Result<(), LoadError> {
        let mut rest = self.raw.as_slice();
        loop {
            let inner = skip_blanks(rest, delimiter).strip_prefix(&[quote]);
            let quoted = inner.is_some();
            if let Some(inner) = inner {
                rest = quoted_field(inner, quote, &mut self.bytes)?;
                rest = skip_blanks(rest, delimiter);
            } else {
                let end = rest
                    .iter()
                    .position(|byte| *byte == delimiter)
                    .unwrap_or(rest.len());
                if rest[..end].contains(&quote) {
                    return Err(LoadError::quotes());
                }
                self.bytes.extend_from_slice(&rest[..end]);
                rest = &rest[end..];
            }
            self.fields.push(Field {
                end: self.bytes.len(),
                quoted,
            });
            match rest.split_first() {
                None => return Ok(()),
                Some((next, after)) if *next == delimiter => rest = after,
                Some(_) => return Err(LoadError::quotes()),
            }
        }
    }

    fn split_delimited(&mut self, delimiter: u8, escape: bool) {
        let mut bytes = self.raw.iter();
        while let Some(byte) = bytes.next() {
            if escape && *byte == b'\\' {
                match bytes.next() {
                    // `\N`, the default text of NULL, is kept unchanged.
                    Some(b'N') => self.bytes.extend_from_slice(b"\\N"),
                    Some(next) => self.bytes.push(*next),
                    None => self.bytes.push(b'\\'),
                }
            } else if *byte == delimiter {
                self.fields.push(Field {
                    end: self.bytes.len(),
                    quoted: false,
                });
            } else {
                self.bytes.push(*byte);
            }
        }
        self.fields.push(Field {
            end: self.bytes.len(),
            quoted: false,
        });
    }
}

/// Copies a field up to its closing quote, with doubled quotes replaced by one, and returns the
/// rest.
fn quoted_field<'r>(
    mut rest: &'r [u8],
    quote: u8,
    out: &mut Vec<u8>,
) -> Result<&'r [u8], LoadError> {
    loop {
        let Some(end) = rest.iter().position(|byte| *byte == quote) else {
            return Err(LoadError::quotes());
        };
        out.extend_from_slice(&rest[..end]);
        rest = &rest[end + 1..];
        if rest.first() != Some(&quote) {
            return Ok(rest);
        }
        out.push(quote);
        rest = &rest[1..];
    }
}

/// State of the CSV parser in a row. A quote opens a field only at its start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CsvState {
    Start,
    Plain,
    Quoted,
    /// After a quote that closes the field, unless another quote follows.
    Closed,
}

impl CsvState {
    /// Returns the state after `bytes`.
    fn after(self, bytes: &[u8], delimiter: u8, quote: u8) -> Self {
        bytes.iter().fold(self, |state, byte| match state {
            Self::Quoted if *byte == quote => Self::Closed,
            Self::Quoted => Self::Quoted,
            _ if *byte == delimiter => Self::Start,
            Self::Start | Self::Closed if *byte == quote => Self::Quoted,
            Self::Start if is_blank(*byte) => Self::Start,
            _ => Self::Plain,
        })
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Skips the blanks before or after a quoted field.
fn skip_blanks(rest: &[u8], delimiter: u8) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| !is_blank(*byte) || *byte == delimiter);
    &rest[end.unwrap_or(rest.len())..]
}

/// Returns the error for a row longer than [`LONGEST_ROW`].
pub(crate) fn too_long() -> io::Error {
    io::Error::other("a row is longer than the maximum of 4 MB")
}

/// Returns whether the line break is escaped: an odd number of backslashes precedes it.
fn ends_escaped(line: &[u8]) -> bool {
    let Some(text) = line.strip_suffix(b"\n") else {
        return false;
    };
    text.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn ends_escaped_line(format: RecordFormat, raw: &[u8]) -> bool {
    matches!(format, RecordFormat::Delimited { escape: true, .. }) && ends_escaped(raw)
}

#[cfg(test)]
mod tests;
