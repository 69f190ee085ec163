//! Temporary file of a workbook's rows: CSV with the row's number first.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};

use csv::StringRecord;

use crate::event::COLUMNS;
use crate::item::{Item, Row, Skipped};
use crate::source::Bytes;

/// Maximum size of a row; see [`CsvFile`](crate::CsvFile).
const MAX_ROW_BYTES: usize = 8 * events::MAX_EVENT_BYTES;

pub(super) struct Writer(csv::Writer<BufWriter<File>>);

impl Writer {
    pub(super) fn new(file: BufWriter<File>) -> Self {
        let csv = csv::WriterBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_writer(file);
        Self(csv)
    }

    /// Writes a row: its number, counted across sheets, and its fields.
    pub(super) fn row(&mut self, number: u64, fields: &[&str; COLUMNS.len()]) -> io::Result<()> {
        self.0.write_field(number.to_string())?;
        self.0.write_record(fields)?;
        Ok(())
    }

    /// Writes that `rows` rows from `first` on were skipped.
    pub(super) fn skipped(&mut self, first: u64, rows: u64, reason: &str) -> io::Result<()> {
        self.0
            .write_record([&first.to_string(), &rows.to_string(), reason])?;
        Ok(())
    }

    /// Returns the file with all rows.
    pub(super) fn finish(self) -> io::Result<File> {
        let file = self
            .0
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// Reads the rows of a workbook.
#[derive(Debug)]
pub(crate) struct SheetRows {
    reader: csv::Reader<Bytes>,
    record: StringRecord,
    number: u64,
}

impl SheetRows {
    /// Reads the rows that a [`Writer`] wrote.
    pub(in crate::source) fn new(file: Bytes) -> Self {
        let reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(256 * 1024)
            .from_reader(file);
        Self {
            reader,
            record: StringRecord::new(),
            number: 0,
        }
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read.
    pub(crate) fn read(&mut self) -> Result<Option<Item<'_>>, csv::Error> {
        if !self.reader.read_record(&mut self.record)? {
            return Ok(None);
        }
        let number = |position: usize| {
            let text = self.record.get(position).unwrap_or_default();
            text.parse().unwrap_or_default()
        };
        let line = number(0);
        if self.record.len() != COLUMNS.len() + 1 {
            let reason = self.record.get(2).unwrap_or_default().to_owned();
            return Ok(Some(Item::Skipped(Skipped::new(line, number(1), reason))));
        }
        self.number += 1;
        let bytes = self.record.as_slice().len();
        if bytes > MAX_ROW_BYTES {
            let reason = format!("the row has {bytes} bytes, but the maximum is {MAX_ROW_BYTES}");
            return Ok(Some(Item::Skipped(Skipped::new(line, 1, reason))));
        }
        let mut fields = [const { Cow::Borrowed("") }; COLUMNS.len()];
        for (field, text) in fields.iter_mut().zip(self.record.iter().skip(1)) {
            *field = text.into();
        }
        Ok(Some(Item::Row(Row {
            number: self.number,
            line,
            position: self.reader.position().byte(),
            fields,
        })))
    }
}
