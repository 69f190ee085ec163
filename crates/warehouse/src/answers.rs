//! Queries about the content of the warehouse.

use templates::sql::query::{Loaded, NewestLoads, Totals as TotalsQuery, ViewColumns};
pub use templates::sql::query::{QUESTIONS, Question};

use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::load::LoadRow;
use crate::rows::{Cell, Rows};

/// The answer to one of the analysts' questions.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question, used as a heading.
    pub title: &'static str,
    pub rows: Rows,
}

/// Totals over all loaded order lines, for comparison with the source.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Totals {
    /// The number of distinct events.
    pub order_lines: i64,
    /// The sum of the quantities of all lines; cancellations and write-offs count negatively.
    pub units: i64,
    /// The exact sum in pounds sterling of all lines, as decimal text with four decimal places.
    pub revenue: String,
    /// The number of distinct invoices, including cancellations and adjustments.
    pub invoices: i64,
    /// The number of distinct known customers.
    pub customers: i64,
}

impl<A: DataApi> Warehouse<A> {
    /// Runs all of the analysts' questions, one after the other.
    ///
    /// # Errors
    ///
    /// Fails if a query fails.
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

    /// Computes the totals. Reads the whole table.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
    pub async fn totals(&self) -> Result<Totals, WarehouseError> {
        let rows = self.ask(&TotalsQuery {}).await?;
        totals(&rows).ok_or_else(|| WarehouseError::Shape {
            name: "query/totals".to_owned(),
            missing: "row of totals",
        })
    }

    /// Reads the columns of the analysts' views, by view and position: `view_name`, `column_name`, `column_type`,
    /// `view_comment`, `column_comment`.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
    pub async fn view_columns(&self) -> Result<Rows, WarehouseError> {
        self.ask(&ViewColumns {}).await
    }

    /// Counts the loaded events whose id starts with `prefix`, up to the id `last`.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
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

    /// Returns the `count` most recently committed loads, the newest first. Waits for a running load, which holds a
    /// lock on the ledger.
    ///
    /// # Errors
    ///
    /// Fails if the query fails.
    pub async fn newest_loads(&self, count: u32) -> Result<Vec<LoadRow>, WarehouseError> {
        let rows = self.ask(&NewestLoads { count }).await?;
        LoadRow::read("query/newest_loads", &rows)
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
