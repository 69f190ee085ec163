//! Asks the places of the pipeline for one event.

use std::error::Error;
use std::time::Duration;

use events::{EventId, InvoiceNo};
use time::OffsetDateTime;
use warehouse::LoadedLine;

use super::evidence::{Answer, Evidence, LakeEntry, TableLine, found, moment};
use super::path::{Subject, Trace, path};
use super::{lake, rejection, shop, staging, stream};
use crate::session::Session;
use crate::status::causes;

/// Time limit for each place. A serverless warehouse may have to resume first.
const LIMIT: Duration = Duration::from_secs(20);

/// The event to follow.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub event_id: EventId,
    /// Invoice of the event. Needed if several invoices have the event id, or if the event is not in the warehouse
    /// and older than two hours.
    pub invoice_no: Option<InvoiceNo>,
}

/// What is known of the event so far, which narrows the search of the next place.
#[derive(Clone, Debug, Default)]
pub(super) struct Clue {
    pub(super) invoice_no: Option<String>,
    pub(super) envelope_id: Option<String>,
    pub(super) received_at: Option<OffsetDateTime>,
}

impl Clue {
    fn add_line(&mut self, line: Option<&LoadedLine>) {
        let Some(line) = line else { return };
        self.invoice_no = Some(line.invoice_no.clone());
        self.envelope_id = Some(line.envelope_id.clone());
        self.received_at = moment(&line.ingested_at);
    }

    fn add_item(&mut self, item: Option<&TableLine>) {
        let Some(item) = item else { return };
        self.envelope_id = Some(item.envelope_id.clone());
        self.received_at = item.received_at.or(self.received_at);
    }

    fn add_entry(&mut self, entry: Option<&LakeEntry>) {
        let Some(entry) = entry else { return };
        self.invoice_no = Some(entry.invoice_no.clone());
        self.envelope_id = Some(entry.envelope_id.clone());
        self.received_at = Some(entry.received_at);
    }
}

/// Follows an event. Reads only. A place that does not answer within 20 seconds is unknown in the trace.
pub async fn find(session: &Session, wanted: &Wanted) -> Trace {
    let event_id = wanted.event_id.as_ref();
    let outputs = &session.outputs;
    let mut clue = Clue {
        invoice_no: wanted.invoice_no.as_ref().map(ToString::to_string),
        ..Clue::default()
    };
    let line = one_line(session, event_id, clue.invoice_no.as_deref()).await;
    clue.add_line(found(&line));
    let mut item = shop_line(session, event_id, &clue).await;
    clue.add_item(found(&item));
    let entry = within(lake::find(session, event_id, &clue)).await;
    clue.add_entry(found(&entry));
    if item.is_err() && clue.invoice_no.is_some() && found(&entry).is_some() {
        item = shop_line(session, event_id, &clue).await;
    }
    let record = within(stream::find(session, event_id, &clue, found(&entry)));
    let staged = within(staging::find(
        session,
        event_id,
        found(&line),
        found(&entry),
    ));
    let (record, staged) = tokio::join!(record, staged);
    let mut evidence = Evidence {
        line,
        item,
        entry,
        record,
        staged,
        reject: Ok(None),
    };
    if found(&evidence.line).is_none() {
        evidence.reject = within(rejection::find(session, event_id, &evidence)).await;
    }
    let subject = Subject {
        environment: outputs.environment.as_str(),
        event_id,
        invoice_no: clue.invoice_no.as_deref(),
        raw_bucket: &outputs.buckets.raw,
        staging_bucket: &outputs.buckets.staging,
    };
    path(subject, &evidence)
}

/// Reads the row of the warehouse. Several rows are an error that names their invoices.
async fn one_line(
    session: &Session,
    event_id: &str,
    invoice_no: Option<&str>,
) -> Answer<LoadedLine> {
    let warehouse = session.warehouse().with_timeout(LIMIT);
    let mut lines = warehouse
        .lines_of(event_id, invoice_no)
        .await
        .map_err(|error| causes(&error))?;
    if let [_, _, ..] = lines.as_slice() {
        let invoices: Vec<_> = lines.iter().map(|line| line.invoice_no.as_str()).collect();
        return Err(format!(
            "several invoices have this event id: repeat with --invoice and one of {}",
            invoices.join(", ")
        ));
    }
    Ok(lines.pop())
}

async fn shop_line(session: &Session, event_id: &str, clue: &Clue) -> Answer<TableLine> {
    let Some(invoice_no) = &clue.invoice_no else {
        return Err("the table is read by invoice: repeat with --invoice NO".to_owned());
    };
    let envelope_id = clue.envelope_id.as_deref();
    within(shop::find(session, event_id, invoice_no, envelope_id)).await
}

/// Returns the answer of `question`, or why there was none within the limit.
async fn within<T, E: Error>(question: impl Future<Output = Result<Option<T>, E>>) -> Answer<T> {
    match tokio::time::timeout(LIMIT, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(causes(&error)),
        Err(_elapsed) => Err(format!("no answer within {} s", LIMIT.as_secs())),
    }
}
