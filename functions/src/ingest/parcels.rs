//! Valid events as records for the stream: one envelope per invoice.

use std::collections::HashMap;

use events::{Entry, Envelope, InvoiceNo};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::intake::Taken;
use crate::ports::StreamRecord;

/// A record and the places of its events in the request.
#[derive(Debug)]
pub(super) struct Parcel {
    /// An envelope, under its invoice's number.
    pub(super) record: StreamRecord,
    /// What is lost when the stream refuses it.
    pub(super) indexes: Vec<usize>,
}

/// Packs `taken`, an invoice's lines together and in their order.
///
/// Packing the same events again makes envelopes of the same ids, whatever the request.
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

/// `None` for what is no JSON, which was refused before.
fn entry(taken: &Taken) -> Option<Entry> {
    let event = RawValue::from_string(taken.event.clone()).ok()?;
    Some(Entry {
        event_id: taken.id.clone(),
        event,
    })
}

/// Groups in the order in which the invoices first came.
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
