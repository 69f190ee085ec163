//! A page of a customer's invoices, made of their envelopes.

use events::{Amount, CustomerId, EnvelopeId, InvoiceNo, Kind};
use serde::Serialize;

use super::cursor;
use super::merge::Merge;
use super::question::invoices_of;
use crate::items::{CustomerItem, CustomerLine, decode};

/// A page as the API answers it. Money is text, so that no client makes a float of it.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    customer_id: CustomerId,
    invoices: Vec<Summary>,
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct Summary {
    invoice_no: InvoiceNo,
    kind: Kind,
    invoice_date: String,
    country: String,
    line_count: usize,
    units: i64,
    total: Amount,
}

/// The invoices of a page, as they are read: a page holds an invoice whole or not at all.
#[derive(Debug)]
pub(super) struct Page {
    limit: usize,
    invoices: Vec<Envelopes>,
    full: bool,
}

/// The envelopes of one invoice.
#[derive(Debug)]
struct Envelopes {
    invoice_no: InvoiceNo,
    /// The smallest, which says where the customer lives.
    smallest: EnvelopeId,
    country: String,
    /// The earliest of all.
    invoice_date: String,
    lines: Merge<CustomerLine>,
}

impl Page {
    /// An empty page of at most `limit` invoices.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            invoices: Vec::new(),
            full: false,
        }
    }

    /// Whether an invoice came that has no place any more.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Adds an envelope; those of one invoice come one after the other.
    ///
    /// # Errors
    ///
    /// When its lines are not of this platform's making.
    pub(super) fn add(&mut self, item: CustomerItem) -> Result<(), serde_json::Error> {
        let lines = decode::<CustomerLine>(&item.lines)?;
        let is_new = self
            .invoices
            .last()
            .is_none_or(|last| last.invoice_no != item.invoice_no);
        self.full = self.full || (is_new && self.invoices.len() == self.limit);
        if self.full {
            return Ok(());
        }
        let id = item.envelope_id.clone();
        if is_new {
            self.invoices.push(Envelopes::from(item));
        } else if let Some(invoice) = self.invoices.last_mut() {
            invoice.join(item);
        }
        if let Some(invoice) = self.invoices.last_mut() {
            for line in lines {
                invoice.lines.add(&id, line.event_id.clone(), line);
            }
        }
        Ok(())
    }

    /// The page; `None` when it holds nothing.
    pub(super) fn listing(self, customer_id: CustomerId) -> Option<Listing> {
        let last = self.invoices.last()?;
        let next_cursor = self
            .full
            .then(|| cursor::write(&invoices_of(&customer_id), last.invoice_no.as_ref()));
        let invoices = self.invoices.into_iter().map(Summary::from).collect();
        Some(Listing {
            customer_id,
            invoices,
            next_cursor,
        })
    }
}

impl Listing {
    /// What comes after the last page.
    pub(super) fn none(customer_id: CustomerId) -> Self {
        Self {
            customer_id,
            invoices: Vec::new(),
            next_cursor: None,
        }
    }
}

impl Envelopes {
    fn join(&mut self, item: CustomerItem) {
        if item.envelope_id < self.smallest {
            self.smallest = item.envelope_id;
            self.country = item.country;
        }
        self.invoice_date = std::mem::take(&mut self.invoice_date).min(item.invoice_date);
    }
}

impl From<CustomerItem> for Envelopes {
    fn from(item: CustomerItem) -> Self {
        Self {
            invoice_no: item.invoice_no,
            smallest: item.envelope_id,
            country: item.country,
            invoice_date: item.invoice_date,
            lines: Merge::default(),
        }
    }
}

impl From<Envelopes> for Summary {
    fn from(envelopes: Envelopes) -> Self {
        Self {
            kind: Kind::from(&envelopes.invoice_no),
            invoice_no: envelopes.invoice_no,
            invoice_date: envelopes.invoice_date,
            country: envelopes.country,
            line_count: envelopes.lines.len(),
            units: envelopes
                .lines
                .lines()
                .map(|line| i64::from(line.units))
                .sum(),
            total: envelopes.lines.lines().map(|line| line.amount).sum(),
        }
    }
}
