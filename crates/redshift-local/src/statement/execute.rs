//! Runs one plan on one connection.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::types::Type;
use tokio_postgres::{SimpleQueryMessage, Statement};

use super::result::ResultStore;
use crate::copy::{self, CopyContext};
use crate::postgres::{Cancel, Column, ColumnType, Connection, Database, Failure, explain};
use crate::s3::ObjectStore;
use crate::sql::Command;
use crate::unload;

/// Maximum size of a result, in bytes.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-troubleshooting.html>
const LARGEST_RESULT: i64 = 500 * 1024 * 1024;
/// Maximum size of a row of a result, in bytes.
const LARGEST_ROW: usize = 64 * 1024;

/// Context in which a plan is executed.
pub(crate) struct Execution<'a> {
    pub(crate) connection: &'a Connection,
    /// Id of the request, and index of the statement in it.
    pub(crate) id: &'a str,
    pub(crate) part: usize,
    pub(crate) query_id: i64,
    pub(crate) database_name: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) results: &'a ResultStore,
    pub(crate) store: &'a ObjectStore,
    /// Connects for work that must outlive the transaction.
    pub(crate) database: &'a Database,
    pub(crate) cancel: &'a Cancel,
}

/// Result of a statement.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Outcome {
    /// Number of rows returned or changed.
    pub(crate) rows: i64,
    /// Size of the result in bytes.
    pub(crate) size: i64,
    pub(crate) has_result: bool,
}

impl Execution<'_> {
    /// Runs `command`. Commands that begin or end a transaction do nothing here.
    pub(crate) async fn execute(&self, command: &Command) -> Result<Outcome, Failure> {
        match command {
            Command::Sql { main, after } => {
                let outcome = self.query(main).await?;
                for sql in after {
                    self.connection.run(sql).await?;
                }
                Ok(outcome)
            }
            Command::Copy(copy) => {
                let context = CopyContext {
                    connection: self.connection,
                    query_id: self.query_id,
                    database_name: self.database_name,
                    user_name: self.user_name,
                    store: self.store,
                    database: self.database,
                    cancel: self.cancel,
                };
                // The service reports no row count for COPY; pg_last_copy_count() does.
                copy::run(&context, copy).await.map(|()| Outcome::default())
            }
            Command::Unload(statement) => {
                let spool = self.results.spool(self.id, self.part);
                let rows = unload::run(self.connection, self.store, statement, &spool).await?;
                Ok(Outcome {
                    rows,
                    ..Outcome::default()
                })
            }
            Command::Begin { .. } | Command::Commit | Command::Rollback | Command::Nothing => {
                Ok(Outcome::default())
            }
        }
    }

    /// Runs `sql`. It is prepared first to learn the types of its columns; the rows are then read
    /// as text, which is exact for every type.
    async fn query(&self, sql: &str) -> Result<Outcome, Failure> {
        let statement = self
            .connection
            .client
            .prepare(sql)
            .await
            .map_err(|error| explain(&error))?;
        if statement.columns().is_empty() {
            return self.run(sql).await;
        }
        let columns = self.columns(&statement).await?;
        let outcome = self.fetch(sql, &columns).await;
        if outcome.is_err() {
            self.results.discard(self.id, self.part);
        }
        outcome
    }

    /// Runs `sql` and stores its rows.
    async fn fetch(&self, sql: &str, columns: &[Column]) -> Result<Outcome, Failure> {
        let mut writer = self
            .results
            .create(self.id, self.part, columns)
            .map_err(storage_failure)?;
        let rows = self
            .connection
            .client
            .simple_query_raw(sql)
            .await
            .map_err(|error| explain(&error))?;
        let mut rows = pin!(rows);
        while let Some(message) = rows.try_next().await.map_err(|error| explain(&error))? {
            let SimpleQueryMessage::Row(row) = message else {
                continue;
            };
            let columns = columns.iter().enumerate();
            let values: Vec<_> = columns
                .map(|(at, column)| Some(column.format(row.get(at)?)))
                .collect();
            let values = values.iter().map(Option::as_deref);
            let bytes = writer.push(values).map_err(storage_failure)?;
            check_size(bytes, writer.bytes)?;
        }
        let outcome = Outcome {
            rows: writer.rows,
            size: writer.bytes,
            has_result: true,
        };
        writer.finish().map_err(storage_failure)?;
        Ok(outcome)
    }

    async fn run(&self, sql: &str) -> Result<Outcome, Failure> {
        let messages = self
            .connection
            .client
            .simple_query(sql)
            .await
            .map_err(|error| explain(&error))?;
        let rows = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
            _ => None,
        });
        let rows = i64::try_from(rows.unwrap_or_default()).unwrap_or(i64::MAX);
        Ok(Outcome {
            rows,
            ..Outcome::default()
        })
    }

    async fn columns(&self, statement: &Statement) -> Result<Vec<Column>, Failure> {
        let mut columns: Vec<Column> = statement.columns().iter().map(describe).collect();
        let tables: Vec<u32> = statement
            .columns()
            .iter()
            .filter_map(tokio_postgres::Column::table_oid)
            .collect();
        if tables.is_empty() {
            return Ok(columns);
        }
        let rows = self
            .connection
            .client
            .query_typed(
                "SELECT a.attrelid, a.attnum, n.nspname::text, c.relname::text, a.attnotnull \
                 FROM pg_catalog.pg_attribute a \
                 JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE a.attrelid = ANY ($1)",
                &[(&tables, Type::OID_ARRAY)],
            )
            .await
            .map_err(|error| explain(&error))?;
        let origins: HashMap<(u32, i16), (String, String, bool)> = rows
            .iter()
            .map(|row| {
                (
                    (row.get(0), row.get(1)),
                    (row.get(2), row.get(3), row.get(4)),
                )
            })
            .collect();
        for (column, source) in columns.iter_mut().zip(statement.columns()) {
            let origin = source.table_oid().zip(source.column_id());
            if let Some((schema, table, not_null)) = origin.and_then(|key| origins.get(&key)) {
                column.schema_name.clone_from(schema);
                column.table_name.clone_from(table);
                column.nullable = i32::from(!not_null);
            }
        }
        Ok(columns)
    }
}

/// Checks the sizes of a row and of the result so far.
fn check_size(row_bytes: usize, result_bytes: i64) -> Result<(), Failure> {
    if row_bytes > LARGEST_ROW {
        return Err(Failure::error(
            "Packet for query is too large: a row of the result has more than 64 KB",
        ));
    }
    if result_bytes > LARGEST_RESULT {
        return Err(Failure::error(
            "Database response exceeded size limit: the result has more than 500 MB",
        ));
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is the argument of `map_err`"
)]
fn storage_failure(error: std::io::Error) -> Failure {
    tracing::error!(%error, "could not write a result");
    Failure::error("the result could not be written to disk")
}

/// Returns a column as the Data API describes it, as far as the result itself tells.
fn describe(column: &tokio_postgres::Column) -> Column {
    let shape = ColumnType::of(column.type_().name(), column.type_modifier());
    Column {
        name: column.name().to_owned(),
        kind: shape.kind,
        type_name: shape.type_name.to_owned(),
        length: 0,
        precision: shape.precision,
        scale: shape.scale,
        nullable: 2,
        schema_name: String::new(),
        table_name: String::new(),
    }
}
