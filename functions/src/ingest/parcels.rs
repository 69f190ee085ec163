//! Packs valid events into records for the stream: one envelope per invoice.

use std::collections::HashMap;

use events::{Entry, Envelope, InvoiceNo};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::intake::Taken;
use crate::ports::StreamRecord;

/// A record for the stream and the indexes of its events in the request.
#[derive(Debug)]
pub(super) struct Parcel {
    /// An envelope, with its invoice number as partition key.
    pub(super) record: StreamRecord,
    /// Indexes of the events in this record; they are reported if the stream does not confirm it.
    pub(super) indexes: Vec<usize>,
}

/// Packs `taken` into envelopes. The lines of one invoice stay together and keep their order.
///
/// Deterministic: the same events give the same envelope ids, in any request.
pub(super) fn pack(
    taken: Vec<Taken>,
    request_id: &str,
    received_at: OffsetDateTime,
) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    for (invoice_no, lines) in by_invoice(taken) {
        let (entries, indexes): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .filter_map(|taken| Some((entry(&taken)?, taken.indexes)))
            .unzip();
        let mut indexes = indexes.into_iter();
        for envelope in Envelope::pack(request_id, received_at, entries) {
            let of_envelope = indexes.by_ref().take(envelope.events.len());
            parcels.push(Parcel {
                indexes: of_envelope.flatten().collect(),
                record: StreamRecord {
                    partition_key: invoice_no.to_string(),
                    data: envelope.to_json(),
                },
            });
        }
    }
    parcels
}

/// Returns `None` if the event is not JSON; such events were rejected before.
fn entry(taken: &Taken) -> Option<Entry> {
    let event = RawValue::from_string(taken.event.clone()).ok()?;
    Some(Entry {
        event_id: taken.id.clone(),
        event,
    })
}

/// Groups the lines by invoice, in the order in which the invoices first appear.
fn by_invoice(taken: Vec<Taken>) -> Vec<(InvoiceNo, Vec<Taken>)> {
    let mut places: HashMap<InvoiceNo, usize> = HashMap::new();
    let mut groups: Vec<(InvoiceNo, Vec<Taken>)> = Vec::new();
    for line in taken {
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
