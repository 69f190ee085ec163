//! Reads the analysts' views from the warehouse.

use tableau::{Catalog, ViewColumn};
use warehouse::{Rows, Warehouse};

use super::WorkbookError;

/// Reads all views of schema `analytics` with their columns, types and comments.
pub(super) async fn read(warehouse: &Warehouse) -> Result<Catalog, WorkbookError> {
    let rows = warehouse.view_columns().await?;
    let columns = (0..rows.rows.len()).map(|row| column(&rows, row));
    Ok(Catalog::new(columns.collect())?)
}

/// A missing comment is an empty text.
fn column(rows: &Rows, row: usize) -> ViewColumn {
    let text = |name| rows.text(row, name).unwrap_or_default().to_owned();
    ViewColumn {
        view: text("view_name"),
        column: text("column_name"),
        type_name: text("column_type"),
        view_comment: text("view_comment"),
        column_comment: text("column_comment"),
    }
}
