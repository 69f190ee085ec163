//! Runs a load.

use std::io::{self, BufRead};
use std::pin::pin;

use axum::body::Bytes;
use futures_util::SinkExt;
use tokio::sync::mpsc;

use super::convert::Converter;
use super::fetch::{self, Piece};
use super::files::{self, SourceFile};
use super::history::{self, History};
use super::input::{FileBytes, lines};
use super::json::Objects;
use super::problem::Refusal;
use super::record::{Cut, Record};
use super::row::{Refused, RowWriter};
use super::table::Table;
use crate::postgres::{Database, Failure, Link, explain};
use crate::s3::ObjectStore;
use crate::sql::{CopyFormat, CopySource, CopyStatement, JsonPaths};
use crate::statement::Cancel;

/// Bytes that go to PostgreSQL in one go.
const CHUNK: usize = 64 * 1024;
/// Chunks that wait for PostgreSQL.
const WAITING: usize = 16;
/// Bytes of a refused line that are kept.
const RAW: usize = 1024;

/// For whom and through what a load runs.
pub(crate) struct CopyContext<'a> {
    pub(crate) link: &'a Link,
    pub(crate) query_id: i64,
    pub(crate) database_name: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) store: &'a ObjectStore,
    /// For the history, which outlives the transaction.
    pub(crate) database: &'a Database,
    pub(crate) cancel: &'a Cancel,
}

/// What a load did.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) rows: u64,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) refusals: Vec<Refusal>,
}

/// Why a load stopped, and what it had done.
struct Stopped {
    loaded: Loaded,
    /// `None` when refused rows say it all.
    reason: Option<String>,
}

/// Loads what `copy` says, in the transaction that is open on the link. Refused rows, and the load
/// itself, stay known even when that transaction is rolled back.
pub(crate) async fn run(context: &CopyContext<'_>, copy: &CopyStatement) -> Result<(), Failure> {
    context.link.assume(&copy.iam_role, "COPY").await?;
    let table = Table::look_up(context.link, &copy.table, &copy.columns, copy.explicit_ids).await?;
    let found = files::find(context.store, &copy.source).await?;
    let mut history = History::start(context, &table, source(copy));
    let pieces = fetch::start(context.store.clone(), found);
    let (chunks, waiting) = mpsc::channel(WAITING);
    let writer = RowWriter::new(
        Converter::new(copy),
        table.targets.clone(),
        copy.fill_record,
    );
    let loader = Loader {
        copy: copy.clone(),
        writer,
        chunks,
        loaded: Loaded::default(),
    };
    let worker = tokio::task::spawn_blocking(move || loader.work(pieces));
    let sent = send(context, &table, copy, waiting, worker).await;
    let (done, outcome) = match sent {
        Ok(done) => (done, Ok(())),
        Err((done, failure)) => (done, Err(failure)),
    };
    history.end(&done, outcome.is_ok());
    history::write(context.database, &history, &table, &done.refusals).await;
    outcome?;
    context
        .link
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

type Worker = tokio::task::JoinHandle<Result<Loaded, Stopped>>;

/// Sends the worker's chunks to PostgreSQL; without an end, PostgreSQL takes nothing of it.
async fn send(
    context: &CopyContext<'_>,
    table: &Table,
    copy: &CopyStatement,
    mut waiting: mpsc::Receiver<Bytes>,
    worker: Worker,
) -> Result<Loaded, (Loaded, Failure)> {
    if copy.no_load {
        while waiting.recv().await.is_some() && !context.cancel.is_asked() {}
        drop(waiting);
        return ended(table, worker).await;
    }
    let nothing = |failure| (Loaded::default(), failure);
    let names: Vec<_> = table
        .targets
        .iter()
        .map(|target| format!("\"{}\"", target.name.replace('"', "\"\"")))
        .collect();
    let sql = format!("COPY {} ({}) FROM STDIN", copy.table, names.join(", "));
    let sink = context.link.client.copy_in(&sql).await;
    let mut sink = pin!(sink.map_err(|error| nothing(explain(&error)))?);
    while let Some(chunk) = waiting.recv().await {
        if context.cancel.is_asked() {
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

/// What the worker did, or why it stopped.
async fn ended(table: &Table, worker: Worker) -> Result<Loaded, (Loaded, Failure)> {
    match worker.await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(Stopped { loaded, reason })) => {
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
            let failure = Failure::error(format!("the load ended early: {error}"));
            Err((Loaded::default(), failure))
        }
    }
}

/// The part that may block: it reads, cuts and converts.
struct Loader {
    copy: CopyStatement,
    writer: RowWriter,
    chunks: mpsc::Sender<Bytes>,
    loaded: Loaded,
}

/// Why one file ended before its end.
enum Broken {
    /// It cannot be read on.
    Reading(io::Error),
    /// Too many rows were refused.
    Refused,
    /// Nobody takes the rows any more.
    Unheard,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Reading(error)
    }
}

impl Loader {
    fn work(mut self, mut pieces: mpsc::Receiver<Piece>) -> Result<Loaded, Stopped> {
        while let Some(piece) = pieces.blocking_recv() {
            let ended = match piece {
                Piece::Start(file) => self.file(&file, &mut pieces),
                Piece::Missing | Piece::Bytes(_) | Piece::End(_) => Ok(()),
                Piece::Failed(error) => return Err(self.stopped(Some(error.to_string()))),
            };
            match ended {
                Ok(()) => {}
                Err((file, Broken::Reading(error))) => {
                    let reason = format!("{error}, while reading {file}");
                    return Err(self.stopped(Some(reason)));
                }
                Err((_, Broken::Refused)) => return Err(self.stopped(None)),
                Err((_, Broken::Unheard)) => {
                    return Err(self.stopped(Some("the load was given up".to_owned())));
                }
            }
        }
        // Not even a manifest without mandatory files may name none that is there.
        if self.loaded.files == 0 {
            let reason = "none of the files of the manifest was found".to_owned();
            return Err(self.stopped(Some(reason)));
        }
        if self.flush(0).is_err() {
            return Err(self.stopped(Some("the load was given up".to_owned())));
        }
        Ok(self.loaded)
    }

    fn stopped(self, reason: Option<String>) -> Stopped {
        Stopped {
            loaded: self.loaded,
            reason,
        }
    }

    fn file(
        &mut self,
        file: &SourceFile,
        pieces: &mut mpsc::Receiver<Piece>,
    ) -> Result<(), (String, Broken)> {
        let url = file.location.url();
        let mut bytes = FileBytes::new(pieces);
        let mut input = lines(&mut bytes, self.copy.compression);
        let read = match self.copy.format.clone() {
            CopyFormat::Csv { delimiter, quote } => {
                self.records(input.as_mut(), Cut::Csv { delimiter, quote }, &url)
            }
            CopyFormat::Delimited { delimiter, escape } => {
                self.records(input.as_mut(), Cut::Delimited { delimiter, escape }, &url)
            }
            CopyFormat::Json(paths) => {
                self.objects(input.as_mut(), paths == JsonPaths::AutoIgnoreCase, &url)
            }
        };
        drop(input);
        read.map_err(|broken| (url.clone(), broken))?;
        // What stands behind the last member of a gzip is read too, so that the next file starts.
        let drained = io::copy(&mut bytes, &mut io::sink());
        drained.map_err(|error| (url.clone(), Broken::Reading(error)))?;
        let length = bytes.length.unwrap_or_default();
        if let Some(promised) = file.length.filter(|promised| *promised != length) {
            let text = format!("content_length is {promised} in the manifest and {length} in S3");
            return Err((url, Broken::Reading(io::Error::other(text))));
        }
        self.loaded.files += 1;
        self.loaded.bytes += length;
        Ok(())
    }

    fn records(&mut self, input: &mut dyn BufRead, cut: Cut, url: &str) -> Result<(), Broken> {
        let mut record = Record::default();
        let mut line = 0;
        while record.read(input, cut, &mut line)? {
            if record.line <= self.copy.ignore_header
                || (record.raw.is_empty() && self.copy.ignore_blank_lines)
            {
                continue;
            }
            let written = record.cut(cut).map_err(Refused::from);
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
    ) -> Result<(), Broken> {
        let mut objects = Objects::new(input, ignore_case);
        let mut count = 0;
        while let Some(object) = objects.next()? {
            count += 1;
            let written = object
                .map_err(Refused::from)
                .and_then(|object| self.writer.write_object(&object));
            match written {
                Ok(()) => self.written()?,
                Err(refused) => self.refuse(refused, url, count, &objects.raw)?,
            }
        }
        Ok(())
    }

    fn written(&mut self) -> Result<(), Broken> {
        self.loaded.rows += 1;
        self.flush(CHUNK)
    }

    /// Hands on what is written when it is at least `least` bytes.
    fn flush(&mut self, least: usize) -> Result<(), Broken> {
        if self.writer.out.len() < least || self.writer.out.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.writer.out, Vec::with_capacity(2 * CHUNK));
        self.chunks
            .blocking_send(Bytes::from(chunk))
            .map_err(|_| Broken::Unheard)
    }

    fn refuse(&mut self, refused: Refused, url: &str, line: u64, raw: &[u8]) -> Result<(), Broken> {
        let shown = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[..bytes.len().min(RAW)]).replace('\0', "\u{fffd}")
        };
        self.loaded.refusals.push(Refusal {
            file: url.to_owned(),
            line,
            column: refused.column,
            problem: refused.problem,
            raw_line: shown(raw),
            raw_field: shown(&refused.field),
        });
        let most = usize::try_from(self.copy.max_errors.max(1)).unwrap_or(usize::MAX);
        if self.loaded.refusals.len() >= most {
            Err(Broken::Refused)
        } else {
            Ok(())
        }
    }
}
