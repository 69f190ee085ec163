//! A record understood: items for the tables, lines for the lake, and what is to be set aside.

use std::collections::{BTreeMap, BTreeSet};

use events::{
    CustomerId, Entry, Envelope, EnvelopeError, EnvelopeId, EventId, InvoiceNo, LakeLine, OrderLine,
};
use time::OffsetDateTime;

use super::batch::Record;
use crate::items::{CustomerItem, CustomerLine, InvoiceItem, InvoiceLine, Item, encode, iso};
use crate::rejects::{Rejected, Stage};

/// What a record holds.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Reading {
    /// How many events are good.
    pub(super) events: usize,
    /// Items for the tables.
    pub(super) items: Vec<Item>,
    /// NDJSON for the raw lake.
    pub(super) lake: Vec<u8>,
    /// What no retry can mend.
    pub(super) rejects: Vec<Rejected>,
    /// Why the record has to come again: a newer `ingest` wrote it, and this function is about to be updated.
    pub(super) too_new: Option<String>,
}

/// Reads `record`. The good events of an envelope go through beside the bad ones.
///
/// An envelope of a newer version is neither stored nor rejected.
pub(super) fn read(record: &Record) -> Reading {
    let data = match record.data() {
        Ok(data) => data,
        Err(error) => {
            let text = record.text().as_bytes();
            return set_aside(record, "not_base64", error.to_string(), text);
        }
    };
    match Envelope::read(&data) {
        Ok(envelope) => of_envelope(envelope, record),
        Err(error @ EnvelopeError::Newer(_)) => Reading {
            too_new: Some(error.to_string()),
            ..Reading::default()
        },
        Err(error) => set_aside(record, "not_an_envelope", crate::logs::chain(&error), &data),
    }
}

fn set_aside(record: &Record, reason: &str, detail: String, data: &[u8]) -> Reading {
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
    let mut reading = Reading::default();
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
                // A deployment's probe is for the tables alone: no analyst counts it.
                if is_probe {
                    continue;
                }
                let line = LakeLine {
                    event_id,
                    envelope_id: envelope.envelope_id.clone(),
                    received_at: envelope.received_at,
                    event,
                };
                // Texts and raw JSON always serialise, and a Vec takes every write.
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

/// The items of each envelope that `lines` of the raw lake are of, the same that [`read`] makes of its record. Lines
/// that hold no event are left out: `transform` keeps them as rejects.
pub(super) fn of_lake(lines: &[String]) -> Vec<Item> {
    let mut envelopes: BTreeMap<EnvelopeId, (OffsetDateTime, BTreeMap<InvoiceNo, Vec<Line>>)> =
        BTreeMap::new();
    let mut seen = BTreeSet::new();
    for line in lines {
        // An envelope that the stream brought twice is in the lake twice.
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

/// The items of one envelope: an invoice each, and those of its customers.
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

/// An item for each known customer on the invoice: in sane data one, for a guest none.
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
