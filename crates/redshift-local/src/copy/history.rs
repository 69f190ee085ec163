//! Stores the history of loads, which `SYS_LOAD_HISTORY` and `SYS_LOAD_ERROR_DETAIL` show.

use std::time::SystemTime;

use tokio_postgres::types::Type;

use super::load::CopyContext;
use super::load_error::RejectedRow;
use super::loader::LoadSummary;
use super::table::Table;
use crate::postgres::Database;
use crate::sql::SCHEMA;

/// The history of one load.
#[derive(Debug)]
pub(crate) struct History {
    query_id: i64,
    user_name: String,
    session_id: i32,
    database_name: String,
    data_source: String,
    start: SystemTime,
    end: SystemTime,
    is_complete: bool,
    /// Rows, bytes of rows, files, bytes of files, rejected rows.
    counts: [i64; 5],
}

impl History {
    /// Starts the history of a load.
    pub(crate) fn start(context: &CopyContext<'_>, table: &Table, source: &str) -> Self {
        tracing::debug!(
            query_id = context.query_id,
            table = table.name,
            source,
            "load starts"
        );
        let now = SystemTime::now();
        Self {
            query_id: context.query_id,
            user_name: context.user_name.to_owned(),
            session_id: context.connection.pid,
            database_name: context.database_name.to_owned(),
            data_source: source.to_owned(),
            start: now,
            end: now,
            is_complete: false,
            counts: [0; 5],
        }
    }

    /// Sets the end of the load and its counts.
    pub(crate) fn end(&mut self, loaded: &LoadSummary, is_complete: bool) {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.end = SystemTime::now();
        self.is_complete = is_complete;
        let rows = if is_complete { number(loaded.rows) } else { 0 };
        let refused = number(loaded.rejected.len() as u64);
        let bytes = number(loaded.bytes);
        self.counts = [rows, bytes, number(loaded.files), bytes, refused];
    }
}

/// Stores the history through a connection of its own, so that a failed load keeps it. An error is
/// logged and does not affect the load. Idempotent for the load; rejected rows would be stored
/// again.
pub(crate) async fn write(
    database: &Database,
    history: &History,
    table: &Table,
    rejected: &[RejectedRow],
) {
    if let Err(error) = try_write(database, history, table, rejected).await {
        tracing::warn!(
            error,
            query_id = history.query_id,
            "could not store the history of a load"
        );
    }
}

async fn try_write(
    database: &Database,
    history: &History,
    table: &Table,
    rejected: &[RejectedRow],
) -> Result<(), String> {
    let connection = database
        .admin("redshift")
        .await
        .map_err(|error| error.to_string())?;
    write_load(&connection.client, history, table)
        .await
        .map_err(|error| error.to_string())?;
    for row in rejected {
        write_refusal(&connection.client, history, table, row)
            .await
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Writes the row of the load. Idempotent.
async fn write_load(
    client: &tokio_postgres::Client,
    history: &History,
    table: &Table,
) -> Result<(), tokio_postgres::Error> {
    let status = if history.is_complete {
        "completed"
    } else {
        "aborted"
    };
    let [rows, row_bytes, files, file_bytes, refused] = history.counts;
    client
        .execute_typed(
            &format!(
                "INSERT INTO {SCHEMA}.load VALUES ($1, $2, NULL, $3, $4, $5, $6, \
                 $7::timestamptz AT TIME ZONE 'UTC', $8::timestamptz AT TIME ZONE 'UTC', \
                 $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING"
            ),
            &[
                (&history.query_id, Type::INT8),
                (&history.user_name, Type::TEXT),
                (&history.session_id, Type::INT4),
                (&history.database_name, Type::TEXT),
                (&status, Type::TEXT),
                (&table.name, Type::TEXT),
                (&history.start, Type::TIMESTAMPTZ),
                (&history.end, Type::TIMESTAMPTZ),
                (&history.data_source, Type::TEXT),
                (&rows, Type::INT8),
                (&row_bytes, Type::INT8),
                (&files, Type::INT8),
                (&file_bytes, Type::INT8),
                (&refused, Type::INT8),
            ],
        )
        .await?;
    Ok(())
}

async fn write_refusal(
    client: &tokio_postgres::Client,
    history: &History,
    table: &Table,
    row: &RejectedRow,
) -> Result<(), tokio_postgres::Error> {
    let column = row.column.and_then(|at| table.targets.get(at));
    let name = column.map_or("", |target| target.name.as_str());
    let type_name = column.map_or("", |target| target.type_name.as_str());
    let (kind, length) = type_name.split_once('(').unwrap_or((type_name, ""));
    let length = length.trim_end_matches(')');
    let line = i64::try_from(row.line).unwrap_or(i64::MAX);
    client
        .execute_typed(
            &format!(
                "INSERT INTO {SCHEMA}.load_error VALUES ($1, $2, $3, $4, $5, \
                 $6::timestamptz AT TIME ZONE 'UTC', $7, $8, $9, $10, $11, 0, $12, $13, $14, $15)"
            ),
            &[
                (&history.query_id, Type::INT8),
                (&history.user_name, Type::TEXT),
                (&history.session_id, Type::INT4),
                (&history.database_name, Type::TEXT),
                (&i64::from(table.id), Type::INT8),
                (&history.start, Type::TIMESTAMPTZ),
                (&row.file, Type::TEXT),
                (&line, Type::INT8),
                (&name, Type::TEXT),
                (&kind, Type::TEXT),
                (&length, Type::TEXT),
                (&row.error.code, Type::INT4),
                (&row.error.message, Type::TEXT),
                (&row.raw_line, Type::TEXT),
                (&row.raw_field, Type::TEXT),
            ],
        )
        .await?;
    Ok(())
}
