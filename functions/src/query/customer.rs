//! A page of a customer's invoices, merged from their envelopes.

use events::{Amount, CustomerId, InvoiceNo, Kind};
use serde::Serialize;

use super::cursor;
use super::merge::Merge;
use super::question::invoices_of;
use crate::items::{CustomerItem, CustomerLine, InvoiceItem, InvoiceLine, decode};

/// The response for a page. Money is a string, so that no client parses it as a float.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    customer_id: CustomerId,
    invoices: Vec<Summary>,
    next_cursor: Option<String>,
}

/// An invoice on a page.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    invoice_no: InvoiceNo,
    kind: Kind,
    invoice_date: String,
    country: String,
    line_count: usize,
    units: i64,
    total: Amount,
}

/// The invoices of a page that were read so far. An invoice is never split over two pages.
#[derive(Debug)]
pub(super) struct Page {
    limit: usize,
    invoices: Vec<Candidate>,
    full: bool,
}

/// An invoice that may belong to the customer: one envelope says so, but another envelope may win.
#[derive(Debug)]
pub(super) struct Candidate {
    invoice_no: InvoiceNo,
    items: Vec<CustomerItem>,
}

/// An event of an invoice, read from either table.
#[derive(Debug, PartialEq)]
struct Line {
    units: i32,
    amount: Amount,
    invoice_date: String,
    country: String,
    is_theirs: bool,
}

impl Page {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            invoices: Vec::new(),
            full: false,
        }
    }

    /// Returns whether an invoice came that is beyond the page.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Adds an item. Items of the same invoice must be added one after the other.
    pub(super) fn add(&mut self, item: CustomerItem) {
        let is_new = self
            .invoices
            .last()
            .is_none_or(|last| last.invoice_no != item.invoice_no);
        self.full = self.full || (is_new && self.invoices.len() == self.limit);
        if self.full {
            return;
        }
        if is_new {
            self.invoices.push(Candidate {
                invoice_no: item.invoice_no.clone(),
                items: Vec::new(),
            });
        }
        if let Some(invoice) = self.invoices.last_mut() {
            invoice.items.push(item);
        }
    }

    /// Returns the invoices to resolve, and the cursor of the next page if there is one.
    pub(super) fn end(self, customer_id: &CustomerId) -> (Vec<Candidate>, Option<String>) {
        let last = self.invoices.last().filter(|_| self.full);
        let next_cursor =
            last.map(|last| cursor::write(&invoices_of(customer_id), last.invoice_no.as_ref()));
        (self.invoices, next_cursor)
    }
}

impl Candidate {
    pub(super) fn invoice_no(&self) -> &InvoiceNo {
        &self.invoice_no
    }

    /// Sums the lines that belong to the customer. `envelopes` are those of the invoice in table `invoice`. Returns
    /// `None` if every line belongs to another customer.
    ///
    /// An item of table `customer` whose envelope is not in table `invoice` yet is counted as it is, because the
    /// tables are not written at the same time.
    ///
    /// # Errors
    ///
    /// Fails if an item's lines were not written by this platform.
    pub(super) fn resolve(
        self,
        customer_id: &CustomerId,
        envelopes: &[InvoiceItem],
    ) -> Result<Option<Summary>, serde_json::Error> {
        let mut merge = Merge::default();
        // Table `invoice` first, because it has a date and country for each line, and the first line added for an
        // envelope is kept.
        for item in envelopes {
            for line in decode::<InvoiceLine>(&item.lines)? {
                let event_id = line.event_id.clone();
                merge.add(&item.envelope_id, event_id, Line::of(line, customer_id));
            }
        }
        for item in &self.items {
            for line in decode::<CustomerLine>(&item.lines)? {
                let event_id = line.event_id.clone();
                merge.add(&item.envelope_id, event_id, Line::listed(&line, item));
            }
        }
        Ok(Summary::of(self.invoice_no, &merge))
    }
}

impl Line {
    fn of(line: InvoiceLine, customer_id: &CustomerId) -> Self {
        Self {
            units: line.quantity,
            amount: line.unit_price.times(line.quantity),
            is_theirs: line.customer_id.as_ref() == Some(customer_id),
            invoice_date: line.invoice_date,
            country: line.country,
        }
    }

    fn listed(line: &CustomerLine, item: &CustomerItem) -> Self {
        Self {
            units: line.units,
            amount: line.amount,
            invoice_date: item.invoice_date.clone(),
            country: item.country.clone(),
            is_theirs: true,
        }
    }
}

impl Summary {
    /// Sums the customer's lines. The country is that of the smallest envelope id, the date is the earliest.
    fn of(invoice_no: InvoiceNo, merge: &Merge<Line>) -> Option<Self> {
        let theirs = || merge.winners().filter(|(_, line)| line.is_theirs);
        let (_, smallest) = theirs().min_by(|(one, _), (other, _)| one.cmp(other))?;
        Some(Self {
            kind: Kind::from(&invoice_no),
            invoice_no,
            invoice_date: theirs().map(|(_, line)| &line.invoice_date).min()?.clone(),
            country: smallest.country.clone(),
            line_count: theirs().count(),
            units: theirs().map(|(_, line)| i64::from(line.units)).sum(),
            total: theirs().map(|(_, line)| line.amount).sum(),
        })
    }
}

impl Listing {
    /// Builds a page of `invoices` without the `None`s. It may be empty although more pages follow.
    pub(super) fn new(
        customer_id: CustomerId,
        invoices: Vec<Option<Summary>>,
        next_cursor: Option<String>,
    ) -> Self {
        Self {
            customer_id,
            invoices: invoices.into_iter().flatten().collect(),
            next_cursor,
        }
    }

    /// Returns whether the page has no invoice and no page follows.
    pub(super) fn is_empty(&self) -> bool {
        self.invoices.is_empty() && self.next_cursor.is_none()
    }
}
