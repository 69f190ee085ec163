//! The blocking part of a load: reads the files of its events, splits them into rows and converts
//! these.

use std::io::{self, BufRead};

use axum::body::Bytes;
use tokio::sync::mpsc;

use super::fetch::FetchEvent;
use super::files::SourceFile;
use super::input::{FileBytes, lines};
use super::json::Objects;
use super::load_error::RejectedRow;
use super::record::{Record, RecordFormat};
use super::row::{RowError, RowWriter};
use crate::sql::{CopyFormat, CopyStatement, JsonPaths};

/// Size of the chunks that are sent to PostgreSQL, in bytes.
const CHUNK: usize = 64 * 1024;
/// Maximum size of the stored text of a rejected row, in bytes.
const RAW_TEXT_BYTES: usize = 1024;

/// Counts and rejected rows of a load.
#[derive(Debug, Default)]
pub(crate) struct LoadSummary {
    pub(crate) rows: u64,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) rejected: Vec<RejectedRow>,
}

/// A failed load, with its counts up to the failure.
pub(crate) struct LoadFailure {
    pub(crate) loaded: LoadSummary,
    /// `None` if the rejected rows are the reason.
    pub(crate) reason: Option<String>,
}

pub(crate) struct Loader {
    copy: CopyStatement,
    writer: RowWriter,
    chunks: mpsc::Sender<Bytes>,
    loaded: LoadSummary,
}

/// Error that ends the reading of a file.
enum FileError {
    /// The file cannot be read.
    Reading(io::Error),
    /// Too many rows were rejected.
    TooMany,
    /// The receiver of the rows is closed.
    ReceiverClosed,
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Reading(error)
    }
}

impl Loader {
    /// Creates a loader that sends COPY text to `chunks`.
    pub(crate) fn new(copy: CopyStatement, writer: RowWriter, chunks: mpsc::Sender<Bytes>) -> Self {
        Self {
            copy,
            writer,
            chunks,
            loaded: LoadSummary::default(),
        }
    }

    /// Loads all files whose events arrive. Blocks the thread.
    ///
    /// # Errors
    ///
    /// Returns [`LoadFailure`] if a file cannot be read, if too many rows are rejected, or if the
    /// receiver of the chunks is closed.
    pub(crate) fn work(
        mut self,
        mut events: mpsc::Receiver<FetchEvent>,
    ) -> Result<LoadSummary, LoadFailure> {
        while let Some(event) = events.blocking_recv() {
            let ended = match event {
                FetchEvent::Start(file) => self.file(&file, &mut events),
                FetchEvent::Missing | FetchEvent::Bytes(_) | FetchEvent::End(_) => Ok(()),
                FetchEvent::Failed(error) => return Err(self.stopped(Some(error.to_string()))),
            };
            match ended {
                Ok(()) => {}
                Err((file, FileError::Reading(error))) => {
                    let reason = format!("{error}, while reading {file}");
                    return Err(self.stopped(Some(reason)));
                }
                Err((_, FileError::TooMany)) => return Err(self.stopped(None)),
                Err((_, FileError::ReceiverClosed)) => {
                    return Err(
                        self.stopped(Some("the load was stopped before its end".to_owned()))
                    );
                }
            }
        }
        // A load of a manifest without mandatory files fails if none of them exists.
        if self.loaded.files == 0 {
            let reason = "no file of the manifest exists; check its URLs".to_owned();
            return Err(self.stopped(Some(reason)));
        }
        if self.flush(0).is_err() {
            return Err(self.stopped(Some("the load was stopped before its end".to_owned())));
        }
        Ok(self.loaded)
    }

    fn stopped(self, reason: Option<String>) -> LoadFailure {
        LoadFailure {
            loaded: self.loaded,
            reason,
        }
    }

    fn file(
        &mut self,
        file: &SourceFile,
        events: &mut mpsc::Receiver<FetchEvent>,
    ) -> Result<(), (String, FileError)> {
        let url = file.location.url();
        let mut bytes = FileBytes::new(events);
        let mut input = lines(&mut bytes, self.copy.compression);
        let read = match self.copy.format.clone() {
            CopyFormat::Csv { delimiter, quote } => {
                self.records(input.as_mut(), RecordFormat::Csv { delimiter, quote }, &url)
            }
            CopyFormat::Delimited { delimiter, escape } => self.records(
                input.as_mut(),
                RecordFormat::Delimited { delimiter, escape },
                &url,
            ),
            CopyFormat::Json(paths) => {
                self.objects(input.as_mut(), paths == JsonPaths::AutoIgnoreCase, &url)
            }
        };
        drop(input);
        read.map_err(|broken| (url.clone(), broken))?;
        // Data after the last gzip member is read too, so that the next event starts the next file.
        let drained = io::copy(&mut bytes, &mut io::sink());
        drained.map_err(|error| (url.clone(), FileError::Reading(error)))?;
        let length = bytes.length.unwrap_or_default();
        if let Some(promised) = file.length.filter(|promised| *promised != length) {
            let text = format!("content_length is {promised} in the manifest and {length} in S3");
            return Err((url, FileError::Reading(io::Error::other(text))));
        }
        self.loaded.files += 1;
        self.loaded.bytes += length;
        Ok(())
    }

    fn records(
        &mut self,
        input: &mut dyn BufRead,
        format: RecordFormat,
        url: &str,
    ) -> Result<(), FileError> {
        let mut record = Record::default();
        let mut line = 0;
        while record.read(input, format, &mut line)? {
            if record.line <= self.copy.ignore_header
                || (record.raw.is_empty() && self.copy.ignore_blank_lines)
            {
                continue;
            }
            let written = record.split(format).map_err(RowError::from);
            let written = written.and_then(|()| self.writer.write_record(&record));
            match written {
                Ok(()) => self.written()?,
                Err(refused) => self.refuse(refused, url, record.line, &record.raw)?,
            }
        }
        Ok(())
    }

    fn objects(
        &mut self,
        input: &mut dyn BufRead,
        ignore_case: bool,
        url: &str,
    ) -> Result<(), FileError> {
        let mut objects = Objects::new(input, ignore_case);
        let mut count = 0;
        while let Some(object) = objects.next()? {
            count += 1;
            let written = object
                .map_err(RowError::from)
                .and_then(|object| self.writer.write_object(&object));
            match written {
                Ok(()) => self.written()?,
                Err(refused) => self.refuse(refused, url, count, &objects.raw)?,
            }
        }
        Ok(())
    }

    fn written(&mut self) -> Result<(), FileError> {
        self.loaded.rows += 1;
        self.flush(CHUNK)
    }

    /// Sends the written rows if they have at least `least` bytes.
    fn flush(&mut self, least: usize) -> Result<(), FileError> {
        if self.writer.out.len() < least || self.writer.out.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.writer.out, Vec::with_capacity(2 * CHUNK));
        self.chunks
            .blocking_send(Bytes::from(chunk))
            .map_err(|_| FileError::ReceiverClosed)
    }

    fn refuse(
        &mut self,
        refused: RowError,
        url: &str,
        line: u64,
        raw: &[u8],
    ) -> Result<(), FileError> {
        let shown = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[..bytes.len().min(RAW_TEXT_BYTES)])
                .replace('\0', "\u{fffd}")
        };
        self.loaded.rejected.push(RejectedRow {
            file: url.to_owned(),
            line,
            column: refused.column,
            error: refused.error,
            raw_line: shown(raw),
            raw_field: shown(&refused.field),
        });
        let most = usize::try_from(self.copy.max_errors.max(1)).unwrap_or(usize::MAX);
        if self.loaded.rejected.len() >= most {
            Err(FileError::TooMany)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
