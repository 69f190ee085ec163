//! One invoice, made of its envelopes.

use events::{Amount, CustomerId, EventId, InvoiceNo, Kind, StockCode, UnitPrice};
use serde::Serialize;

use super::cursor;
use super::merge::Merge;
use super::question::lines_of;
use crate::items::{InvoiceItem, InvoiceLine, decode};

/// An invoice as the API answers it. Money is text, so that no client makes a float of it.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    invoice_no: InvoiceNo,
    kind: Kind,
    customer_id: Option<CustomerId>,
    country: String,
    invoice_date: String,
    lines: Vec<Line>,
    units: i64,
    total: Amount,
    line_count: usize,
    #[serde(skip_serializing_if = "is_zero")]
    conflicts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct Line {
    event_id: EventId,
    stock_code: StockCode,
    description: Option<String>,
    quantity: i32,
    unit_price: UnitPrice,
    amount: Amount,
    invoice_date: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(conflicts: &usize) -> bool {
    *conflicts == 0
}

/// The envelopes of an invoice, as they are read.
#[derive(Debug, Default)]
pub(super) struct Envelopes(Merge<InvoiceLine>);

impl Envelopes {
    /// Adds an envelope.
    ///
    /// # Errors
    ///
    /// When its lines are not of this platform's making.
    pub(super) fn add(&mut self, item: &InvoiceItem) -> Result<(), serde_json::Error> {
        for line in decode::<InvoiceLine>(&item.lines)? {
            self.0.add(&item.envelope_id, line.event_id.clone(), line);
        }
        Ok(())
    }

    /// The invoice, with at most `limit` lines after the first `skip`; totals are of all. `None` when no
    /// envelope has a line.
    ///
    /// Lines stand in the order of time and event id, so that sending them again moves none.
    pub(super) fn invoice(
        self,
        invoice_no: InvoiceNo,
        skip: usize,
        limit: usize,
    ) -> Option<Answer> {
        let conflicts = self.0.conflicts();
        let mut lines = self.0.into_lines();
        lines.sort_by(|a, b| a.invoice_date.cmp(&b.invoice_date));
        let first = lines.first()?;
        let (shown, line_count) = (skip.saturating_add(limit), lines.len());
        Some(Answer {
            kind: Kind::from(&invoice_no),
            customer_id: first.customer_id.clone(),
            country: first.country.clone(),
            invoice_date: first.invoice_date.clone(),
            units: lines.iter().map(|line| i64::from(line.quantity)).sum(),
            total: lines.iter().map(amount).sum(),
            line_count,
            conflicts,
            next_cursor: (shown < line_count)
                .then(|| cursor::write(&lines_of(&invoice_no), &shown.to_string())),
            lines: lines
                .into_iter()
                .skip(skip)
                .take(limit)
                .map(Line::from)
                .collect(),
            invoice_no,
        })
    }
}

fn amount(line: &InvoiceLine) -> Amount {
    line.unit_price.times(line.quantity)
}

impl From<InvoiceLine> for Line {
    fn from(line: InvoiceLine) -> Self {
        Self {
            amount: amount(&line),
            event_id: line.event_id,
            stock_code: line.stock_code,
            description: line.description,
            quantity: line.quantity,
            unit_price: line.unit_price,
            invoice_date: line.invoice_date,
        }
    }
}
