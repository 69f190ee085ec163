//! Finds the order lines of an event, and the load that brought each.

use templates::sql::query::{LoadFiles, LoadedLines};

use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::load::LoadId;
use crate::rows::{Cell, Rows};

/// The most order lines that are read. An event id is unique within an invoice only.
const MAX_LINES: u32 = 10;

/// A row of `retail.sales_line`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoadedLine {
    pub invoice_no: String,
    /// The envelope that brought the row; of several, the smallest.
    pub envelope_id: String,
    pub kind: String,
    pub stock_code: String,
    pub quantity: i64,
    /// When the API received the event, in UTC, as the warehouse formats it.
    pub ingested_at: String,
    pub load_id: LoadId,
    /// The load in the ledger; `None` if the ledger lacks it.
    pub load: Option<LineLoad>,
}

/// The load that brought a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineLoad {
    /// The attempt that was committed, from 1.
    pub attempt: i64,
    /// Rows in the files of the load.
    pub rows_staged: i64,
    /// When it was committed, in UTC, as the warehouse formats it.
    pub finished_at: String,
}

impl<A: DataApi> Warehouse<A> {
    /// Returns the order lines with this event id, in the order of their invoices: at most 10. Waits for a running
    /// load, which holds a lock on the ledger.
    ///
    /// # Errors
    ///
    /// Fails if the query fails, or if the event id contains a backslash, which a literal cannot express.
    pub async fn lines_of(
        &self,
        event_id: &str,
        invoice_no: Option<&str>,
    ) -> Result<Vec<LoadedLine>, WarehouseError> {
        let query = LoadedLines {
            event_id,
            invoice_no,
            most: MAX_LINES,
        };
        let rows = self.ask(&query).await?;
        let lines: Option<Vec<_>> = (0..rows.rows.len()).map(|at| line(&rows, at)).collect();
        lines.ok_or_else(|| WarehouseError::Shape {
            name: "query/loaded_lines".to_owned(),
            missing: "row of retail.sales_line",
        })
    }

    /// Returns the staged files of a load in the order of their keys; none if the ledger lacks the load.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
    pub async fn files_of(&self, load: &LoadId) -> Result<Vec<String>, WarehouseError> {
        let rows = self.ask(&LoadFiles { load_id: &load.0 }).await?;
        let files = rows.rows.iter().filter_map(|row| row.first());
        Ok(files.map(Cell::to_string).collect())
    }
}

fn line(rows: &Rows, at: usize) -> Option<LoadedLine> {
    let text = |name| rows.cell(at, name).map(Cell::to_string);
    let load = rows.long(at, "attempt").and_then(|attempt| {
        Some(LineLoad {
            attempt,
            rows_staged: rows.long(at, "rows_staged")?,
            finished_at: text("finished_at")?,
        })
    });
    Some(LoadedLine {
        invoice_no: text("invoice_no")?,
        envelope_id: text("envelope_id")?,
        kind: text("kind")?,
        stock_code: text("stock_code")?,
        quantity: rows.long(at, "quantity")?,
        ingested_at: text("ingested_at")?,
        load_id: LoadId(text("load_id")?),
        load,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RowColumn;

    #[test]
    fn a_row_whose_load_is_not_in_the_ledger_is_a_row_without_a_load() {
        let names = [
            "invoice_no",
            "envelope_id",
            "kind",
            "stock_code",
            "quantity",
            "ingested_at",
            "load_id",
            "attempt",
            "rows_staged",
            "finished_at",
        ];
        let column = |name: &str| RowColumn {
            name: name.to_owned(),
            type_name: "any".to_owned(),
        };
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = |load: [Cell; 3]| {
            let known = [text("536365"), text("ab"), text("sale"), text("85123A")];
            let rest = [Cell::Long(6), text("2026-01-02 03:04:05"), text("l-1")];
            known.into_iter().chain(rest).chain(load).collect()
        };
        let rows = Rows {
            columns: names.map(column).to_vec(),
            rows: vec![
                row([Cell::Long(2), Cell::Long(40), text("2026-01-02 03:05:05")]),
                row([Cell::Null, Cell::Null, Cell::Null]),
            ],
        };
        let loaded = line(&rows, 0).unwrap();
        assert_eq!(loaded.quantity, 6);
        assert_eq!(loaded.load.unwrap().rows_staged, 40);
        assert_eq!(line(&rows, 1).unwrap().load, None);
    }
}
