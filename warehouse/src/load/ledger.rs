//! What the warehouse remembers of loads.

use std::collections::BTreeSet;

use templates::sql::query::{LoadById, LoadErrors, LoadedFiles};

use super::manifest::{Load, LoadId, MAX_FILES};
use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::rows::{Cell, Rows};

/// A load that was committed: a row of `etl.load`. Staged rows = inserted + replaced + duplicates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoadRow {
    /// The load.
    pub load_id: LoadId,
    /// Which attempt was committed, from 1.
    pub attempt: i64,
    /// How many files it had.
    pub files: i64,
    /// Rows that the files held.
    pub rows_staged: i64,
    /// Rows of new events.
    pub rows_inserted: i64,
    /// Rows of a smaller envelope that took the place of another.
    pub rows_replaced: i64,
    /// Rows whose event was there already.
    pub duplicates: i64,
    /// Rows whose event id came with other content before.
    pub conflicts: i64,
    /// When the newest of its events came in, UTC, as the warehouse prints it; empty when it had no rows.
    pub max_ingested_at: String,
    /// When it was committed, UTC, as the warehouse prints it.
    pub finished_at: String,
}

impl LoadRow {
    /// The first row of `rows`, if any.
    pub(crate) fn read(name: &str, rows: &Rows) -> Result<Option<Self>, WarehouseError> {
        if rows.rows.is_empty() {
            return Ok(None);
        }
        let row = Self::first(rows).ok_or_else(|| WarehouseError::Shape {
            name: name.to_owned(),
            missing: "row of etl.load",
        })?;
        Ok(Some(row))
    }

    fn first(rows: &Rows) -> Option<Self> {
        Some(Self {
            load_id: LoadId(rows.text(0, "load_id")?.to_owned()),
            attempt: rows.long(0, "attempt")?,
            files: rows.long(0, "files")?,
            rows_staged: rows.long(0, "rows_staged")?,
            rows_inserted: rows.long(0, "rows_inserted")?,
            rows_replaced: rows.long(0, "rows_replaced")?,
            duplicates: rows.long(0, "duplicates")?,
            conflicts: rows.long(0, "conflicts")?,
            max_ingested_at: rows.cell(0, "max_ingested_at")?.to_string(),
            finished_at: rows.cell(0, "finished_at")?.to_string(),
        })
    }
}

/// What COPY had against a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileError {
    /// The file's key in the staging bucket.
    pub key: String,
    /// Redshift's own reason, with line and column where it names them.
    pub reason: String,
}

impl<A: DataApi> Warehouse<A> {
    /// The row of a load in `etl.load`. Waits for a load that is running, which holds the ledger: so when
    /// it answers `None`, no load that had begun before can still enter it.
    ///
    /// # Errors
    ///
    /// When the question cannot be answered.
    pub async fn load(&self, id: &LoadId) -> Result<Option<LoadRow>, WarehouseError> {
        let rows = self.ask(&LoadById { load_id: &id.0 }).await?;
        LoadRow::read("query/load_by_id", &rows)
    }

    /// Those of `keys` that are loaded. Waits like [`Warehouse::load`].
    ///
    /// # Errors
    ///
    /// When the question cannot be answered.
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

    /// What COPY, by the warehouse's number `query` of that statement, had against files of `load`, one
    /// reason for each file that it names. What an earlier COPY had against a file may be over.
    ///
    /// # Errors
    ///
    /// When the question cannot be answered.
    pub async fn file_errors(
        &self,
        load: &Load,
        query: i64,
    ) -> Result<Vec<FileError>, WarehouseError> {
        let urls = &load.urls();
        let rows = self.ask(&LoadErrors { query, urls }).await?;
        Ok(file_errors(load, &rows))
    }
}

fn file_errors(load: &Load, rows: &Rows) -> Vec<FileError> {
    let mut errors: Vec<FileError> = Vec::new();
    for position in 0..rows.rows.len() {
        let url = rows.text(position, "file_name").unwrap_or_default();
        let key = load
            .files()
            .iter()
            .find(|key| url.ends_with(&format!("/{key}")));
        if let Some(key) = key.filter(|key| !errors.iter().any(|error| error.key == **key)) {
            errors.push(FileError {
                key: key.clone(),
                reason: reason(rows, position),
            });
        }
    }
    errors
}

/// As `line 7, column quantity: Invalid digit`, as far as Redshift names them.
fn reason(rows: &Rows, position: usize) -> String {
    let message = rows
        .text(position, "error_message")
        .unwrap_or("without a message");
    let line = rows.long(position, "line_number").filter(|line| *line > 0);
    let column = rows
        .text(position, "column_name")
        .filter(|column| !column.is_empty());
    match (line, column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: {message}"),
        (Some(line), None) => format!("line {line}: {message}"),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{StagedFile, loads};
    use crate::rows::RowColumn;

    fn rows(names: &[&str], rows: Vec<Vec<Cell>>) -> Rows {
        let column = |name: &&str| RowColumn {
            name: (*name).to_owned(),
            type_name: "any".to_owned(),
        };
        Rows {
            columns: names.iter().map(column).collect(),
            rows,
        }
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn each_file_that_copy_names_has_its_latest_reason() {
        let keys = ["csv/v1/a.csv.gz", "csv/v1/b.csv.gz"];
        let load = loads("staging", keys.map(|key| StagedFile::at(key).unwrap())).remove(0);
        let names = ["file_name", "line_number", "column_name", "error_message"];
        let told = vec![
            vec![
                text("s3://staging/csv/v1/b.csv.gz"),
                Cell::Long(7),
                text("quantity"),
                text("Invalid digit"),
            ],
            vec![
                text("s3://staging/csv/v1/b.csv.gz"),
                Cell::Long(2),
                text("kind"),
                text("older"),
            ],
            vec![
                text("s3://staging/csv/v1/other.csv.gz"),
                Cell::Long(1),
                text(""),
                text("not ours"),
            ],
        ];
        let expected = FileError {
            key: keys[1].to_owned(),
            reason: "line 7, column quantity: Invalid digit".to_owned(),
        };
        assert_eq!(file_errors(&load, &rows(&names, told)), [expected]);
    }

    #[test]
    fn a_reason_without_line_or_column_stands_alone() {
        let names = ["line_number", "column_name", "error_message"];
        let one = rows(
            &names,
            vec![vec![Cell::Null, Cell::Null, text("not in gzip format")]],
        );
        assert_eq!(reason(&one, 0), "not in gzip format");
        let one = rows(
            &names,
            vec![vec![Cell::Long(3), text(""), text("Extra column(s) found")]],
        );
        assert_eq!(reason(&one, 0), "line 3: Extra column(s) found");
    }

    #[test]
    fn a_ledger_row_of_another_shape_is_an_error_and_not_a_missing_load() {
        let other = rows(&["load_id"], vec![vec![text("0123")]]);
        assert!(LoadRow::read("query/last_load", &other).is_err());
        assert_eq!(
            LoadRow::read("query/last_load", &rows(&["load_id"], Vec::new())).unwrap(),
            None
        );
    }
}
