//! Packs valid events into records for the stream: one envelope per invoice.

use std::collections::HashMap;

use events::{Entry, Envelope, InvoiceNo};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::intake::ValidEvent;
use crate::ports::StreamRecord;

/// A record for the stream and the indexes of its events in the request.
#[derive(Debug)]
pub(super) struct EnvelopeRecord {
    /// An envelope, with its invoice number as partition key.
    pub(super) record: StreamRecord,
    /// Indexes of the events in this record; they are reported if the stream does not confirm it.
    pub(super) indexes: Vec<usize>,
}

/// Packs `events` into envelopes. The lines of one invoice stay together and keep their order.
///
/// Deterministic: the same events give the same envelope ids, in any request.
pub(super) fn pack(
    events: Vec<ValidEvent>,
    request_id: &str,
    received_at: OffsetDateTime,
) -> Vec<EnvelopeRecord> {
    let mut records = Vec::new();
    for (invoice_no, lines) in by_invoice(events) {
        let (entries, indexes): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .filter_map(|event| Some((entry(&event)?, event.indexes)))
            .unzip();
        let mut indexes = indexes.into_iter();
        for envelope in Envelope::pack(request_id, received_at, entries) {
            let of_envelope = indexes.by_ref().take(envelope.events.len());
            records.push(EnvelopeRecord {
                indexes: of_envelope.flatten().collect(),
                record: StreamRecord {
                    partition_key: invoice_no.to_string(),
                    data: envelope.to_json(),
                },
            });
        }
    }
    records
}

/// Returns `None` if the event is not JSON; such events were rejected before.
fn entry(event: &ValidEvent) -> Option<Entry> {
    Some(Entry {
        event_id: event.id.clone(),
        event: RawValue::from_string(event.event.clone()).ok()?,
    })
}

/// Groups the lines by invoice, in the order in which the invoices first appear.
fn by_invoice(events: Vec<ValidEvent>) -> Vec<(InvoiceNo, Vec<ValidEvent>)> {
    let mut places: HashMap<InvoiceNo, usize> = HashMap::new();
    let mut groups: Vec<(InvoiceNo, Vec<ValidEvent>)> = Vec::new();
    for line in events {
        let place = *places
            .entry(line.invoice_no.clone())
            .or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((line.invoice_no.clone(), vec![line])),
        }
    }
    groups
}
