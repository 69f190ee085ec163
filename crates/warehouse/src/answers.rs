//! What people and the platform ask the warehouse.

use templates::sql::query::{LastLoad, Loaded, Totals as TotalsQuery};
pub use templates::sql::query::{QUESTIONS, Question};

use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::load::LoadRow;
use crate::rows::{Cell, Rows};

/// A question with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question, as a heading.
    pub title: &'static str,
    /// The answer.
    pub rows: Rows,
}

/// The checksums of everything loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Totals {
    /// Distinct events.
    pub order_lines: i64,
    /// Of all lines: sales less what was cancelled and written off.
    pub units: i64,
    /// Pounds sterling, exact, of all lines, as decimal text with four places.
    pub revenue: String,
    /// Distinct invoices, cancellations and adjustments included.
    pub invoices: i64,
    /// Distinct known customers.
    pub customers: i64,
}

impl<A: DataApi> Warehouse<A> {
    /// The analysts' questions and their answers, one after the other.
    ///
    /// # Errors
    ///
    /// When a question cannot be answered.
    pub async fn answers(&self) -> Result<Vec<Answer>, WarehouseError> {
        let mut answers = Vec::with_capacity(QUESTIONS.len());
        for Question { title, sql } in QUESTIONS {
            answers.push(Answer {
                title,
                rows: self.query(title, sql).await?,
            });
        }
        Ok(answers)
    }

    /// The checksums of everything loaded. Reads the whole table.
    ///
    /// # Errors
    ///
    /// When the question cannot be answered.
    pub async fn totals(&self) -> Result<Totals, WarehouseError> {
        let rows = self.ask(&TotalsQuery {}).await?;
        totals(&rows).ok_or_else(|| WarehouseError::Shape {
            name: "query/totals".to_owned(),
            missing: "row of totals",
        })
    }

    /// How many events are loaded whose id starts with `prefix`, up to the id `last`.
    ///
    /// # Errors
    ///
    /// When the question cannot be answered.
    pub async fn loaded(&self, prefix: &str, last: Option<&str>) -> Result<u64, WarehouseError> {
        let rows = self.ask(&Loaded::new(prefix, last)).await?;
        let count = rows
            .long(0, "order_lines")
            .and_then(|count| u64::try_from(count).ok());
        count.ok_or_else(|| WarehouseError::Shape {
            name: "query/loaded".to_owned(),
            missing: "count",
        })
    }

    /// The load that was committed last; `None` before the first. Waits for a load that is running, since
    /// that one holds the ledger.
    ///
    /// # Errors
    ///
    /// When the question cannot be answered.
    pub async fn last_load(&self) -> Result<Option<LoadRow>, WarehouseError> {
        let rows = self.ask(&LastLoad {}).await?;
        LoadRow::read("query/last_load", &rows)
    }
}

fn totals(rows: &Rows) -> Option<Totals> {
    Some(Totals {
        order_lines: rows.long(0, "order_lines")?,
        units: rows.long(0, "units")?,
        revenue: match rows.cell(0, "revenue")? {
            Cell::Null => return None,
            cell => cell.to_string(),
        },
        invoices: rows.long(0, "invoices")?,
        customers: rows.long(0, "customers")?,
    })
}
