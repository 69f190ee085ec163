//! The extract: all rows of the views in one Hyper file, with totals that must equal those of the warehouse.

use std::path::Path;

use rust_decimal::Decimal;
use tableau::{Catalog, Datatype, View};
use templates::sql::extract::{
    CopyFile, CreateSchema, CreateTable, ExtractColumn, ViewRows, ViewTotals,
};
use templates::{Sql, render};
use warehouse::{Cell, Rows, Submission, Warehouse};

use super::error::{WorkbookError, failed};
use super::hyper;

/// The text of NULL in the CSV files, as the template of COPY has it.
const NULL: &str = r"\N";

/// What is in an extract. All totals equal those of the warehouse.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Extracted {
    pub views: usize,
    pub rows: u64,
    /// The number of sums and counts that were compared.
    pub totals: usize,
}

/// A finished extract.
pub(super) struct Made {
    pub(super) content: Vec<u8>,
    pub(super) extracted: Extracted,
}

/// A view with the columns of its SQL.
struct Table<'a> {
    view: &'a View,
    columns: Vec<ExtractColumn<'a>>,
}

/// Reads all views in one transaction, writes them with Hyper, and compares the totals. Intermediate files are in a
/// temporary folder (`TMPDIR`).
pub(super) async fn make(
    warehouse: &Warehouse,
    catalog: &Catalog,
    python: &Path,
) -> Result<Made, WorkbookError> {
    hyper::check(python).await?;
    let scratch = tempfile::tempdir();
    let scratch = scratch.map_err(failed("create a folder in", &std::env::temp_dir()))?;
    let tables: Vec<_> = catalog.views().map(Table::of).collect();
    let answers = read(warehouse, &tables).await?;
    let mut statements = vec![render(&CreateSchema {})?];
    for (table, (rows, _)) in tables.iter().zip(&answers) {
        let csv = scratch.path().join(format!("{}.csv", table.view.name));
        write_csv(&csv, table, rows)?;
        statements.push(render(&table.create())?);
        statements.push(render(&CopyFile {
            view: &table.view.name,
            path: &csv.to_string_lossy(),
        })?);
    }
    let questions = tables.iter().map(|table| render(&table.totals()));
    let questions = questions.collect::<Result<Vec<_>, _>>()?;
    let path = scratch.path().join("extract.hyper");
    let found = hyper::write(python, &path, &statements, &questions).await?;
    let mut extracted = Extracted {
        views: tables.len(),
        rows: 0,
        totals: 0,
    };
    for (place, (table, (rows, totals))) in tables.iter().zip(&answers).enumerate() {
        let found = found.get(place).map(Vec::as_slice).unwrap_or_default();
        extracted.rows += rows.rows.len() as u64;
        extracted.totals += compare(&table.view.name, totals, found)?;
    }
    let content = std::fs::read(&path).map_err(failed("read", &path))?;
    Ok(Made { content, extracted })
}

impl<'a> Table<'a> {
    fn of(view: &'a View) -> Self {
        let columns = view.columns.iter().map(|column| ExtractColumn {
            name: &column.name,
            hyper_type: hyper_type(column.datatype),
            is_number: column.datatype.is_number(),
        });
        Self {
            view,
            columns: columns.collect(),
        }
    }

    fn rows(&self) -> ViewRows<'_> {
        ViewRows {
            view: &self.view.name,
            columns: &self.columns,
        }
    }

    fn totals(&self) -> ViewTotals<'_> {
        ViewTotals {
            view: &self.view.name,
            columns: &self.columns,
        }
    }

    fn create(&self) -> CreateTable<'_> {
        CreateTable {
            view: &self.view.name,
            columns: &self.columns,
        }
    }
}

/// Decimals have four places, as the money of all views.
fn hyper_type(datatype: Datatype) -> &'static str {
    match datatype {
        Datatype::Text => "TEXT",
        Datatype::Integer => "BIGINT",
        Datatype::Real => "NUMERIC(18,4)",
        Datatype::Boolean => "BOOLEAN",
        Datatype::Date => "DATE",
        Datatype::Time => "TIMESTAMP",
    }
}

/// Reads rows and totals of all views. A batch is one transaction, so a load at the same time changes nothing.
async fn read(
    warehouse: &Warehouse,
    tables: &[Table<'_>],
) -> Result<Vec<(Rows, Rows)>, WorkbookError> {
    let mut answers = Vec::with_capacity(tables.len());
    let mut statements = Vec::with_capacity(tables.len() * 2);
    for table in tables {
        statements.push(render(&table.rows())?);
        statements.push(render(&table.totals())?);
    }
    let submission = Submission {
        name: ViewRows::NAME.to_owned(),
        statements,
        token: None,
    };
    let parts = warehouse.run(&submission).await?;
    for pair in parts.chunks_exact(2) {
        let rows = warehouse.fetch(&pair[0].id).await?;
        answers.push((rows, warehouse.fetch(&pair[1].id).await?));
    }
    Ok(answers)
}

fn write_csv(path: &Path, table: &Table<'_>, rows: &Rows) -> Result<(), WorkbookError> {
    let no_csv = |source| WorkbookError::Csv {
        view: table.view.name.clone(),
        source,
    };
    let mut csv = csv::Writer::from_path(path).map_err(no_csv)?;
    for row in &rows.rows {
        let record = row.iter().map(|cell| match cell {
            Cell::Null => NULL.to_owned(),
            cell => cell.to_string(),
        });
        csv.write_record(record).map_err(no_csv)?;
    }
    csv.flush().map_err(failed("write", path))
}

/// Compares the totals of a view, and returns their number.
fn compare(view: &str, totals: &Rows, found: &[Option<String>]) -> Result<usize, WorkbookError> {
    let missing = |of| WorkbookError::Totals {
        view: view.to_owned(),
        of,
    };
    let expected = totals
        .rows
        .first()
        .ok_or_else(|| missing("the warehouse"))?;
    if found.len() != expected.len() {
        return Err(missing("Hyper"));
    }
    for ((column, expected), found) in totals.columns.iter().zip(expected).zip(found) {
        let expected = match expected {
            Cell::Null => None,
            cell => Some(cell.to_string()),
        };
        if !are_equal(expected.as_deref(), found.as_deref()) {
            let text = |total: Option<String>| total.unwrap_or_else(|| "NULL".to_owned());
            return Err(WorkbookError::Differs {
                view: view.to_owned(),
                column: column.name.clone(),
                extract: text(found.clone()),
                warehouse: text(expected),
            });
        }
    }
    Ok(expected.len())
}

/// Whether two decimals have the same value: `2.50` and `2.5` are equal. A text that is no decimal equals nothing.
fn are_equal(one: Option<&str>, other: Option<&str>) -> bool {
    let decimal = |text: &str| text.parse::<Decimal>().ok();
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => decimal(one).is_some_and(|one| decimal(other) == Some(one)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use warehouse::RowColumn;

    use super::*;

    fn totals(cells: Vec<Cell>) -> Rows {
        let column = |name: usize| RowColumn {
            name: format!("c{name}"),
            type_name: "numeric".to_owned(),
        };
        Rows {
            columns: (0..cells.len()).map(column).collect(),
            rows: vec![cells],
        }
    }

    #[test]
    fn totals_are_compared_as_decimals() {
        let warehouse = totals(vec![
            Cell::Long(3),
            Cell::Text("9747747.9340".to_owned()),
            Cell::Null,
        ]);
        let found = [Some("3".to_owned()), Some("9747747.934".to_owned()), None];
        assert_eq!(compare("v", &warehouse, &found).unwrap(), 3);
    }

    #[test]
    fn a_difference_is_named_with_both_values() {
        let warehouse = totals(vec![Cell::Text("2.5".to_owned())]);
        let error = compare("top_items", &warehouse, &[Some("2.4".to_owned())]).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("`c0` of `analytics.top_items` is 2.4 in the extract and 2.5"),
            "{error}"
        );
        assert!(compare("v", &warehouse, &[None]).is_err());
        assert!(compare("v", &warehouse, &[]).is_err());
    }
}
