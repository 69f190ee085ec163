//! Runs a load.

use std::io::{self, BufRead};
use std::pin::pin;

use axum::body::Bytes;
use futures_util::SinkExt;
use tokio::sync::mpsc;

use super::convert::Converter;
use super::fetch::{self, FetchEvent};
use super::files::{self, SourceFile};
use super::history::{self, History};
use super::input::{FileBytes, lines};
use super::json::Objects;
use super::load_error::RejectedRow;
use super::record::{Record, RecordFormat};
use super::row::{RowError, RowWriter};
use super::table::Table;
use crate::postgres::{Cancel, Connection, Database, Failure, explain};
use crate::s3::ObjectStore;
use crate::sql::{CopyFormat, CopySource, CopyStatement, JsonPaths};

/// Size of the chunks that are sent to PostgreSQL, in bytes.
const CHUNK: usize = 64 * 1024;
/// Maximum number of chunks that wait for PostgreSQL.
const QUEUE_LENGTH: usize = 16;
/// Maximum size of the stored text of a rejected row, in bytes.
const RAW_TEXT_BYTES: usize = 1024;

/// What a load needs besides its statement.
pub(crate) struct CopyContext<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) query_id: i64,
    pub(crate) database_name: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) store: &'a ObjectStore,
    /// Connects to store the history, which outlives the transaction.
    pub(crate) database: &'a Database,
    pub(crate) cancel: &'a Cancel,
}

/// Counts and rejected rows of a load.
#[derive(Debug, Default)]
pub(crate) struct LoadSummary {
    pub(crate) rows: u64,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) rejected: Vec<RejectedRow>,
}

/// Why a load failed, with its counts up to then.
struct LoadFailure {
    loaded: LoadSummary,
    /// `None` if the rejected rows are the reason.
    reason: Option<String>,
}

/// Runs `copy` in the connection's open transaction. The history and the rejected rows are stored
/// even if that transaction is rolled back. Running it again loads the rows again.
///
/// # Errors
///
/// Returns [`Failure`] if a file cannot be read, if too many rows are rejected, if the statement
/// was cancelled, or if PostgreSQL refuses the rows.
pub(crate) async fn run(context: &CopyContext<'_>, copy: &CopyStatement) -> Result<(), Failure> {
    context.connection.assume(&copy.iam_role, "COPY").await?;
    let table = Table::look_up(
        context.connection,
        &copy.table,
        &copy.columns,
        copy.explicit_ids,
    )
    .await?;
    let found = files::find(context.store, &copy.source).await?;
    let mut history = History::start(context, &table, source(copy));
    let events = fetch::start(context.store.clone(), found);
    let (chunks, waiting) = mpsc::channel(QUEUE_LENGTH);
    let writer = RowWriter::new(
        Converter::new(copy),
        table.targets.clone(),
        copy.fill_record,
    );
    let loader = Loader {
        copy: copy.clone(),
        writer,
        chunks,
        loaded: LoadSummary::default(),
    };
    let worker = tokio::task::spawn_blocking(move || loader.work(events));
    let sent = send(context, &table, copy, waiting, worker).await;
    let (done, outcome) = match sent {
        Ok(done) => (done, Ok(())),
        Err((done, failure)) => (done, Err(failure)),
    };
    history.end(&done, outcome.is_ok());
    history::write(context.database, &history, &table, &done.rejected).await;
    outcome?;
    context
        .connection
        .run(&format!(
            "SELECT set_config('redshift.last_copy_count', '{}', false), \
             set_config('redshift.last_copy_id', '{}', false)",
            done.rows, context.query_id
        ))
        .await
}

fn source(copy: &CopyStatement) -> &str {
    match &copy.source {
        CopySource::Prefix(url) | CopySource::Manifest(url) => url,
    }
}

type Worker = tokio::task::JoinHandle<Result<LoadSummary, LoadFailure>>;

/// Sends the worker's chunks to PostgreSQL, which discards them unless the copy is finished.
async fn send(
    context: &CopyContext<'_>,
    table: &Table,
    copy: &CopyStatement,
    mut waiting: mpsc::Receiver<Bytes>,
    worker: Worker,
) -> Result<LoadSummary, (LoadSummary, Failure)> {
    if copy.no_load {
        while waiting.recv().await.is_some() && !context.cancel.is_requested() {}
        drop(waiting);
        return ended(table, worker).await;
    }
    let nothing = |failure| (LoadSummary::default(), failure);
    let names: Vec<_> = table
        .targets
        .iter()
        .map(|target| format!("\"{}\"", target.name.replace('"', "\"\"")))
        .collect();
    let sql = format!("COPY {} ({}) FROM STDIN", copy.table, names.join(", "));
    let sink = context.connection.client.copy_in(&sql).await;
    let mut sink = pin!(sink.map_err(|error| nothing(explain(&error)))?);
    while let Some(chunk) = waiting.recv().await {
        if context.cancel.is_requested() {
            return Err(nothing(Failure {
                message: String::new(),
                cancelled: true,
            }));
        }
        if let Err(error) = sink.send(chunk).await {
            return Err(nothing(explain(&error)));
        }
    }
    let loaded = ended(table, worker).await?;
    match sink.finish().await {
        Ok(_) => Ok(loaded),
        Err(error) => Err((loaded, explain(&error))),
    }
}

/// Waits for the worker and returns its counts, or why it failed.
async fn ended(table: &Table, worker: Worker) -> Result<LoadSummary, (LoadSummary, Failure)> {
    match worker.await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(LoadFailure { loaded, reason })) => {
            let failure = Failure::error(reason.unwrap_or_else(|| {
                format!(
                    "Load into table '{}' failed.  Check 'sys_load_error_detail' system table for \
                     details.",
                    table.name
                )
            }));
            Err((loaded, failure))
        }
        Err(error) => {
            let failure = Failure::error(format!("the load stopped unexpectedly: {error}"));
            Err((LoadSummary::default(), failure))
        }
    }
}

/// The blocking part of a load: it reads, splits and converts rows.
struct Loader {
    copy: CopyStatement,
    writer: RowWriter,
    chunks: mpsc::Sender<Bytes>,
    loaded: LoadSummary,
}

/// Why one file was not read to its end.
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
    fn work(mut self, mut events: mpsc::Receiver<FetchEvent>) -> Result<LoadSummary, LoadFailure> {
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
