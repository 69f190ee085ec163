//! Reads the ledgers of the warehouse, which record all loads and their files.

use std::collections::{BTreeMap, BTreeSet};

use templates::sql::query::{LoadById, LoadErrors, LoadedFiles};
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::manifest::{Load, LoadId, MAX_FILES};
use super::plan::inspection;
use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::rows::{Cell, Rows};

/// The format of timestamps in Redshift's SQL.
const TIMESTAMP_FORMAT: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");

/// A committed load: a row of `etl.load`. Staged rows = inserted + replaced + duplicates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoadRow {
    pub load_id: LoadId,
    /// The attempt that was committed, from 1.
    pub attempt: i64,
    /// The number of files.
    pub files: i64,
    /// Rows in the files.
    pub rows_staged: i64,
    /// Rows of new events.
    pub rows_inserted: i64,
    /// Rows that replaced a row of the same event, because their envelope id is smaller.
    pub rows_replaced: i64,
    /// Rows whose event was already loaded.
    pub duplicates: i64,
    /// Rows whose event id was already loaded with other content.
    pub conflicts: i64,
    /// When the newest of its events was ingested, in UTC, as the warehouse formats it; empty if it had no
    /// rows.
    pub max_ingested_at: String,
    /// Ages of its new rows in seconds, from the request to the commit, in ascending order. Of more than 100 rows it
    /// has the greatest age of each hundredth.
    pub event_ages: Vec<u64>,
    /// When it was committed, in UTC, as the warehouse formats it.
    pub finished_at: String,
}

impl LoadRow {
    /// Reads all rows.
    pub(crate) fn read(name: &str, rows: &Rows) -> Result<Vec<Self>, WarehouseError> {
        let all = (0..rows.rows.len()).map(|index| Self::at(rows, index));
        all.collect::<Option<_>>()
            .ok_or_else(|| WarehouseError::Shape {
                name: name.to_owned(),
                missing: "row of etl.load",
            })
    }

    fn at(rows: &Rows, index: usize) -> Option<Self> {
        let event_ages = match rows.cell(index, "event_ages")? {
            Cell::Text(ages) => ages.split(',').map(age).collect::<Option<_>>()?,
            _ => Vec::new(),
        };
        Some(Self {
            event_ages,
            load_id: LoadId(rows.text(index, "load_id")?.to_owned()),
            attempt: rows.long(index, "attempt")?,
            files: rows.long(index, "files")?,
            rows_staged: rows.long(index, "rows_staged")?,
            rows_inserted: rows.long(index, "rows_inserted")?,
            rows_replaced: rows.long(index, "rows_replaced")?,
            duplicates: rows.long(index, "duplicates")?,
            conflicts: rows.long(index, "conflicts")?,
            max_ingested_at: rows.cell(index, "max_ingested_at")?.to_string(),
            finished_at: rows.cell(index, "finished_at")?.to_string(),
        })
    }
}

/// Parses an age in seconds. It is 0 if the clock of the API was ahead of that of the warehouse.
fn age(text: &str) -> Option<u64> {
    let age: i64 = text.parse().ok()?;
    Some(u64::try_from(age).unwrap_or_default())
}

/// Why COPY refused a row or a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileError {
    /// The file's key in the staging bucket.
    pub key: String,
    /// The line in the file, from 1; `None` if COPY names none.
    pub line: Option<u64>,
    /// The column, if the error is in one column.
    pub column: Option<String>,
    /// Redshift's error text.
    pub reason: String,
}

impl<A: DataApi> Warehouse<A> {
    /// Reads the row of a load in `etl.load`. Waits for a running load, which holds a lock on the ledger; so
    /// after `None`, no load that began before can commit.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
    pub async fn load(&self, id: &LoadId) -> Result<Option<LoadRow>, WarehouseError> {
        let rows = self.ask(&LoadById { load_id: &id.0 }).await?;
        let found = LoadRow::read("query/load_by_id", &rows)?;
        Ok(found.into_iter().next())
    }

    /// Returns the files among `keys` that are loaded. Waits as [`Warehouse::load`] does.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
    pub async fn loaded_files(
        &self,
        keys: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, WarehouseError> {
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let mut loaded = BTreeSet::new();
        for files in keys.chunks(MAX_FILES) {
            let rows = self.ask(&LoadedFiles { files }).await?;
            let files = rows
                .rows
                .iter()
                .filter_map(|row| row.first().and_then(Cell::as_text));
            loaded.extend(files.map(str::to_owned));
        }
        Ok(loaded)
    }

    /// Lets COPY read the files of `load` again without loading them, and returns one error for each line
    /// that it refuses, now or since `since`. Errors of earlier COPY commands may be resolved.
    ///
    /// Changes nothing.
    ///
    /// # Errors
    ///
    /// Fails if a query fails.
    pub async fn inspect(
        &self,
        load: &Load,
        role_arn: &str,
        since: OffsetDateTime,
    ) -> Result<Vec<FileError>, WarehouseError> {
        match self.run(&inspection(load, role_arn)?).await {
            // An unreadable file makes COPY fail; the recorded errors are returned all the same.
            Ok(_) | Err(WarehouseError::Failed { .. }) => {}
            Err(error) => return Err(error),
        }
        let since = since.to_offset(UtcOffset::UTC);
        // Cannot fail: a timestamp has all parts of the format.
        let since = &since.format(TIMESTAMP_FORMAT).unwrap_or_default();
        let urls = &load.urls();
        let rows = self.ask(&LoadErrors { since, urls }).await?;
        Ok(file_errors(load, &rows))
    }
}

fn file_errors(load: &Load, rows: &Rows) -> Vec<FileError> {
    let keys: BTreeMap<_, _> = load.urls().into_iter().zip(load.files()).collect();
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for position in 0..rows.rows.len() {
        let url = rows.text(position, "file_name").unwrap_or_default();
        let line = rows.long(position, "line_number");
        let line = line.and_then(|line| u64::try_from(line).ok());
        let line = line.filter(|line| *line > 0);
        if let Some(key) = keys.get(url)
            && seen.insert((key, line))
        {
            errors.push(FileError {
                key: (*key).clone(),
                line,
                column: rows
                    .text(position, "column_name")
                    .filter(|column| !column.is_empty())
                    .map(str::to_owned),
                reason: rows
                    .text(position, "error_message")
                    .unwrap_or("COPY gave no reason")
                    .to_owned(),
            });
        }
    }
    errors
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
