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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CSV: RecordFormat = RecordFormat::Csv {
        delimiter: b',',
        quote: b'"',
    };

    fn rows(text: &str, format: RecordFormat) -> Vec<Result<Vec<(String, bool)>, LoadError>> {
        let mut input = text.as_bytes();
        let mut record = Record::default();
        let mut line = 0;
        let mut out = Vec::new();
        while record.read(&mut input, format, &mut line).unwrap() {
            out.push(record.split(format).map(|()| {
                let field = |at| {
                    let (bytes, quoted): (&[u8], bool) = record.get(at).unwrap();
                    (String::from_utf8(bytes.to_vec()).unwrap(), quoted)
                };
                (0..record.len()).map(field).collect()
            }));
        }
        out
    }

    #[test]
    fn csv_distinguishes_an_empty_field_from_a_quoted_one() {
        let rows = rows("a,\"b \"\"c\"\"\",,\"\"\r\n\"x\ny\",2,3,4\n", CSV);
        let first: Vec<_> = rows[0]
            .as_ref()
            .unwrap()
            .iter()
            .map(|(t, q)| (t.as_str(), *q))
            .collect();
        assert_eq!(
            first,
            [("a", false), ("b \"c\"", true), ("", false), ("", true)]
        );
        assert_eq!(rows[1].as_ref().unwrap()[0].0, "x\ny");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn misplaced_quotes_are_an_error() {
        for text in ["a\"b,c\n", "\"a\"b,c\n", "\"a\n"] {
            assert!(rows(text, CSV)[0].is_err(), "{text}");
        }
    }

    #[test]
    fn a_quote_inside_an_unquoted_field_does_not_swallow_the_next_rows() {
        let rows = rows("5\" nail,1\na,2\n\"b\",3\n", CSV);
        let ok: Vec<_> = rows.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [false, true, true]);
    }

    #[test]
    fn blanks_around_quotes_are_ignored() {
        let rows = rows("a,  \"b,\n c\"\t, d\n", CSV);
        let first: Vec<_> = rows[0].as_ref().unwrap().iter().map(|(t, _)| t).collect();
        assert_eq!(first, ["a", "b,\n c", " d"]);
    }

    #[test]
    fn a_row_longer_than_the_limit_is_an_error() {
        let text = "x".repeat(2 * LONGEST_ROW);
        let mut record = Record::default();
        assert!(record.read(&mut text.as_bytes(), CSV, &mut 0).is_err());
        assert_eq!(record.raw.len(), LONGEST_ROW + 1);
    }

    #[test]
    fn delimited_rows_may_escape_delimiters_and_line_breaks() {
        let format = RecordFormat::Delimited {
            delimiter: b'|',
            escape: true,
        };
        let rows = rows("a\\|b|c\\\nd|\\N\nx|y|z\n", format);
        let first: Vec<_> = rows[0]
            .as_ref()
            .unwrap()
            .iter()
            .map(|(t, _)| t.as_str())
            .collect();
        assert_eq!(first, ["a|b", "c\nd", "\\N"]);
        assert_eq!(rows.len(), 2);
    }

    proptest! {
        #[test]
        fn rows_of_a_csv_writer_are_read_back(
            table in prop::collection::vec(prop::collection::vec("[a-z\",\n £]{0,8}", 2..4), 1..6)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = rows(&text, CSV)
                .into_iter()
                .map(|row| row.unwrap().into_iter().map(|(text, _)| text).collect())
                .collect();
            prop_assert_eq!(read, table);
        }
    }
}
