//! Runs a load: reads files, converts their rows in a worker and sends them to PostgreSQL.

use std::pin::pin;

use axum::body::Bytes;
use futures_util::SinkExt;
use tokio::sync::mpsc;

use super::convert::Converter;
use super::fetch;
use super::files;
use super::history::{self, History};
use super::loader::{LoadFailure, LoadSummary, Loader};
use super::row::RowWriter;
use super::table::Table;
use crate::postgres::{Cancel, Connection, Database, Failure, explain};
use crate::s3::ObjectStore;
use crate::sql::{CopySource, CopyStatement};

/// Maximum number of chunks that wait for PostgreSQL.
const QUEUE_LENGTH: usize = 16;

/// Context in which a load runs.
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
    let loader = Loader::new(copy.clone(), writer, chunks);
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
