//! Parses a record into items for the tables, lines for the lake and rejects.

use std::collections::{BTreeMap, BTreeSet};

use events::{
    CustomerId, Entry, Envelope, EnvelopeError, EnvelopeId, EventId, InvoiceNo, LakeLine, OrderLine,
};
use time::OffsetDateTime;

use super::batch::Record;
use crate::items::{CustomerItem, CustomerLine, InvoiceItem, InvoiceLine, Item, encode, iso};
use crate::rejects::{Rejected, Stage};

/// The contents of a record.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Reading {
    /// Number of valid events.
    pub(super) events: usize,
    /// When the API received the envelope.
    pub(super) received_at: Option<OffsetDateTime>,
    pub(super) items: Vec<Item>,
    /// NDJSON for the raw lake.
    pub(super) lake: Vec<u8>,
    /// Rejects: what no retry can fix.
    pub(super) rejects: Vec<Rejected>,
    /// Why the record must be retried: a newer `ingest` wrote it, and this function is not updated yet.
    pub(super) too_new: Option<String>,
}

/// Parses `record`. Valid events of an envelope are kept although others are rejected.
///
/// An envelope of a newer version is neither stored nor rejected.
pub(super) fn read(record: &Record) -> Reading {
    let data = match record.data() {
        Ok(data) => data,
        Err(error) => {
            let text = record.text().as_bytes();
            return reject_record(record, "not_base64", error.to_string(), text);
        }
    };
    match Envelope::read(&data) {
        Ok(envelope) => of_envelope(envelope, record),
        Err(error @ EnvelopeError::Newer(_)) => Reading {
            too_new: Some(error.to_string()),
            ..Reading::default()
        },
        Err(error) => reject_record(record, "not_an_envelope", crate::logs::chain(&error), &data),
    }
}

fn reject_record(record: &Record, reason: &str, detail: String, data: &[u8]) -> Reading {
    let reject = Rejected::record(Stage::Store, reason, detail, data);
    Reading {
        rejects: vec![
            reject
                .at_position(position(record))
                .kept_at(record.arrival()),
        ],
        ..Reading::default()
    }
}

fn position(record: &Record) -> String {
    format!("{}/{}", record.shard(), record.sequence())
}

type Line = (EventId, OrderLine);

fn of_envelope(mut envelope: Envelope, record: &Record) -> Reading {
    let mut reading = Reading {
        received_at: Some(envelope.received_at),
        ..Reading::default()
    };
    let mut invoices: BTreeMap<InvoiceNo, Vec<Line>> = BTreeMap::new();
    let entries = std::mem::take(&mut envelope.events);
    for (index, Entry { event_id, event }) in entries.into_iter().enumerate() {
        match events::read_received(event.get(), envelope.received_at) {
            Ok(read) => {
                let is_probe = events::is_probe(&event_id, &read.line);
                let invoice = read.line.invoice_no.clone();
                invoices
                    .entry(invoice)
                    .or_default()
                    .push((event_id.clone(), read.line));
                reading.events += 1;
                // The probe event of a deployment goes to the tables only, so that no analyst counts it.
                if is_probe {
                    continue;
                }
                let line = LakeLine {
                    event_id,
                    envelope_id: envelope.envelope_id.clone(),
                    received_at: envelope.received_at,
                    event,
                };
                // Serialising strings and raw JSON to a `Vec` cannot fail.
                let _ = serde_json::to_writer(&mut reading.lake, &line);
                reading.lake.push(b'\n');
            }
            Err(reject) => reading.rejects.push(
                Rejected::event(Stage::Store, &reject, event.get())
                    .at_position(format!("{}, event {}", position(record), index + 1))
                    .kept_at(record.arrival())
                    .of_envelope(&event_id, &envelope.envelope_id, envelope.received_at),
            ),
        }
    }
    reading.items = items(&envelope.envelope_id, envelope.received_at, invoices);
    reading
}

/// Rebuilds the items of the envelopes in `lines` of the raw lake: the same items that [`read`] returns for the
/// records. Invalid lines are left out, because `transform` keeps them as rejects.
pub(super) fn of_lake(lines: &[String]) -> Vec<Item> {
    let mut envelopes: BTreeMap<EnvelopeId, (OffsetDateTime, BTreeMap<InvoiceNo, Vec<Line>>)> =
        BTreeMap::new();
    let mut seen = BTreeSet::new();
    for line in lines {
        // An envelope that the stream delivered twice may be in the lake twice.
        let Some(line) = seen.insert(line).then(|| lake_line(line)).flatten() else {
            continue;
        };
        let (envelope_id, received_at, event_id, line) = line;
        let (_, invoices) = envelopes
            .entry(envelope_id)
            .or_insert_with(|| (received_at, BTreeMap::new()));
        let invoice = line.invoice_no.clone();
        invoices.entry(invoice).or_default().push((event_id, line));
    }
    let of_envelope = |(id, (received_at, invoices))| items(&id, received_at, invoices);
    envelopes.into_iter().flat_map(of_envelope).collect()
}

fn lake_line(line: &str) -> Option<(EnvelopeId, OffsetDateTime, EventId, OrderLine)> {
    let lake: LakeLine = serde_json::from_str(line).ok()?;
    let read = events::read_received(lake.event.get(), lake.received_at).ok()?;
    Some((lake.envelope_id, lake.received_at, lake.event_id, read.line))
}

/// Returns the items of one envelope: one per invoice, and one per invoice and customer.
fn items(
    envelope_id: &EnvelopeId,
    received_at: OffsetDateTime,
    invoices: BTreeMap<InvoiceNo, Vec<Line>>,
) -> Vec<Item> {
    let mut items = Vec::new();
    for (invoice_no, lines) in invoices {
        items.extend(customers(envelope_id, &invoice_no, &lines));
        items.push(invoice(envelope_id, received_at, invoice_no, lines));
    }
    items
}

fn invoice(
    envelope_id: &EnvelopeId,
    received_at: OffsetDateTime,
    invoice_no: InvoiceNo,
    lines: Vec<Line>,
) -> Item {
    let lines = lines
        .into_iter()
        .map(|(id, line)| InvoiceLine::new(id, &line));
    Item::Invoice(InvoiceItem {
        invoice_no,
        envelope_id: envelope_id.clone(),
        received_at: events::format_instant(received_at),
        lines: encode(&lines.collect::<Vec<_>>()),
    })
}

/// Returns one item per known customer of the invoice: usually one, none for a guest.
fn customers(envelope_id: &EnvelopeId, invoice_no: &InvoiceNo, lines: &[Line]) -> Vec<Item> {
    let mut by_customer: BTreeMap<&CustomerId, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        if let Some(customer) = &line.1.customer_id {
            by_customer.entry(customer).or_default().push(line);
        }
    }
    let item = |(customer, lines): (&CustomerId, Vec<&Line>)| {
        let first = lines
            .iter()
            .map(|(_, line)| line)
            .min_by_key(|line| line.invoice_ts)?;
        Some(Item::Customer(CustomerItem {
            customer_id: customer.clone(),
            invoice_no: invoice_no.clone(),
            envelope_id: envelope_id.clone(),
            invoice_date: iso(first.invoice_ts),
            country: first.country.clone(),
            lines: encode(&lines.into_iter().map(customer_line).collect::<Vec<_>>()),
        }))
    };
    by_customer.into_iter().filter_map(item).collect()
}

fn customer_line((event_id, line): &Line) -> CustomerLine {
    CustomerLine {
        event_id: event_id.clone(),
        units: line.quantity,
        amount: line.amount(),
    }
}
