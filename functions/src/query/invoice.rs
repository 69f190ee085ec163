//! An invoice, merged from its envelopes.

use std::str::FromStr;

use events::{Amount, CustomerId, EventId, InvoiceNo, Kind, StockCode, UnitPrice};
use serde::Serialize;

use super::cursor;
use super::merge::Merge;
use super::question::lines_of;
use crate::items::{InvoiceItem, InvoiceLine, decode};

/// The response for an invoice. Money is a string, so that no client parses it as a float.
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

/// The position of a line in its invoice. Lines are sorted by date, then event id.
///
/// A cursor contains the position of the last line of a page, so lines that arrive between two pages do not shift the
/// next page.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Place {
    invoice_date: String,
    event_id: EventId,
}

impl Place {
    fn of(line: &InvoiceLine) -> Self {
        Self {
            invoice_date: line.invoice_date.clone(),
            event_id: line.event_id.clone(),
        }
    }

    /// Returns the position as the text of a cursor.
    fn text(&self) -> String {
        format!("{} {}", self.invoice_date, self.event_id)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // The date contains no space; the event id may.
        let (invoice_date, event_id) = text.split_once(' ').ok_or(())?;
        Ok(Self {
            invoice_date: invoice_date.to_owned(),
            event_id: event_id.parse().map_err(drop)?,
        })
    }
}

/// The envelopes of an invoice that were read so far.
#[derive(Debug, Default)]
pub(super) struct Envelopes(Merge<InvoiceLine>);

impl Envelopes {
    /// Merges the lines of an envelope into those read before.
    ///
    /// # Errors
    ///
    /// Fails if the item's lines were not written by this platform.
    pub(super) fn add(&mut self, item: &InvoiceItem) -> Result<(), serde_json::Error> {
        for line in decode::<InvoiceLine>(&item.lines)? {
            self.0.add(&item.envelope_id, line.event_id.clone(), line);
        }
        Ok(())
    }

    /// Returns the invoice with at most `limit` lines after the position `after`. Totals cover all lines. Returns
    /// `None` if no envelope has a line.
    pub(super) fn invoice(
        self,
        invoice_no: InvoiceNo,
        after: Option<&Place>,
        limit: usize,
    ) -> Option<Answer> {
        let conflicts = self.0.conflicts();
        let mut lines = self.0.into_lines();
        lines.sort_by_cached_key(Place::of);
        let first = lines.first()?;
        let line_count = lines.len();
        let skip = after.map_or(0, |after| {
            lines.partition_point(|line| Place::of(line) <= *after)
        });
        let shown = skip.saturating_add(limit);
        let next_cursor = (shown < line_count)
            .then(|| lines.get(shown - 1))
            .flatten()
            .map(|last| cursor::write(&lines_of(&invoice_no), &Place::of(last).text()));
        Some(Answer {
            kind: Kind::from(&invoice_no),
            customer_id: first.customer_id.clone(),
            country: first.country.clone(),
            invoice_date: first.invoice_date.clone(),
            units: lines.iter().map(|line| i64::from(line.quantity)).sum(),
            total: lines.iter().map(amount).sum(),
            line_count,
            conflicts,
            next_cursor,
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
