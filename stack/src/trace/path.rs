//! Builds the way of an event from what was found. Pure.

use serde::Serialize;
use time::OffsetDateTime;

use super::evidence::{Evidence, found, moment};
use super::explain;
use super::step::{Fact, Place, State, Step};
use crate::rejects::{Reject, Stage};

/// Where an event ended up.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The event is a row of the warehouse.
    InWarehouse,
    /// The event was accepted and is between two stages.
    OnItsWay,
    /// A stage rejected the event and kept it with the reason.
    Rejected,
    /// The staged file with the event is in quarantine.
    Quarantined,
    /// A message that announces the event's object is in a dead-letter queue.
    DeadLetter,
    /// No place that was searched has the event.
    NotFound,
    /// Nothing was found, and a place could not be asked.
    Unknown,
}

/// The way of one event.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    pub environment: String,
    pub event_id: String,
    /// Invoice of the event, if known.
    pub invoice_no: Option<String>,
    /// Envelope of the event, if known. If several brought it, the one that the warehouse keeps.
    pub envelope_id: Option<String>,
    pub outcome: Outcome,
    /// The outcome in a sentence.
    pub explanation: String,
    /// Next command or step, if there is one.
    pub next: Option<String>,
    /// One step for each place, in the order in which the event passes them.
    pub steps: Vec<Step>,
}

/// The event to follow, and the names that its trace mentions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) environment: &'a str,
    pub(super) event_id: &'a str,
    /// Invoice as given by the user.
    pub(super) invoice_no: Option<&'a str>,
    pub(super) raw_bucket: &'a str,
    pub(super) staging_bucket: &'a str,
}

/// Builds the trace of an event.
pub(super) fn path(subject: Subject<'_>, evidence: &Evidence) -> Trace {
    let reject = relevant_reject(evidence);
    let outcome = outcome(evidence, reject);
    let steps = steps(subject, evidence, reject);
    let explanation = explain::sentence(outcome, evidence, reject, &steps);
    let next = explain::next(outcome, subject, reject);
    let invoice_no = subject.invoice_no.map(str::to_owned);
    Trace {
        environment: subject.environment.to_owned(),
        event_id: subject.event_id.to_owned(),
        invoice_no: invoice_no
            .or_else(|| found(&evidence.line).map(|it| it.invoice_no.clone()))
            .or_else(|| found(&evidence.entry).map(|it| it.invoice_no.clone())),
        envelope_id: evidence.envelope_id().map(str::to_owned),
        outcome,
        explanation,
        next,
        steps,
    }
}

/// Returns the reject, unless the event passed its stage after all, because it was corrected and sent again.
fn relevant_reject(evidence: &Evidence) -> Option<&Reject> {
    let reject = found(&evidence.reject)?;
    let passed = match reject.stage {
        Stage::Ingest | Stage::Store => found(&evidence.entry).is_some(),
        Stage::Transform => found(&evidence.staged).is_some(),
        Stage::Load => false,
    };
    let passed = passed || found(&evidence.line).is_some();
    (!passed).then_some(reject)
}

fn outcome(evidence: &Evidence, reject: Option<&Reject>) -> Outcome {
    if found(&evidence.line).is_some() {
        return Outcome::InWarehouse;
    }
    match reject {
        Some(reject) if reject.reason == "dead_letter" => return Outcome::DeadLetter,
        Some(reject) if reject.is_file() => return Outcome::Quarantined,
        Some(_) => return Outcome::Rejected,
        None => {}
    }
    let is_accepted = found(&evidence.item).is_some()
        || found(&evidence.entry).is_some()
        || found(&evidence.record).is_some()
        || found(&evidence.staged).is_some();
    if is_accepted {
        return Outcome::OnItsWay;
    }
    let is_unknown = evidence.line.is_err()
        || evidence.entry.is_err()
        || evidence.record.is_err()
        || evidence.reject.is_err();
    if is_unknown {
        Outcome::Unknown
    } else {
        Outcome::NotFound
    }
}

fn steps(subject: Subject<'_>, evidence: &Evidence, reject: Option<&Reject>) -> Vec<Step> {
    let steps = vec![
        api(evidence),
        stream(evidence),
        table(subject, evidence),
        lake(subject, evidence),
        staging(subject, evidence),
        load(evidence),
        row(evidence),
    ];
    with_reject(steps, reject)
}

fn api(evidence: &Evidence) -> Step {
    let Some(at) = evidence.received_at() else {
        let reason = "no place knows the event";
        return Step::without(Place::Api, State::Absent, reason);
    };
    let mut facts = Vec::new();
    facts.extend(
        evidence
            .envelope_id()
            .map(|id| Fact::new("envelope_id", id)),
    );
    if let Some(record) = found(&evidence.record) {
        facts.push(Fact::new("request_id", &record.request_id));
        facts.push(Fact::new("events", &record.events));
    }
    Step::done(Place::Api, Some(at), facts)
}

fn stream(evidence: &Evidence) -> Step {
    let is_stored = found(&evidence.entry).is_some() || found(&evidence.item).is_some();
    match &evidence.record {
        Ok(Some(record)) => {
            let facts = vec![
                Fact::new("shard", &record.shard),
                Fact::new("sequence_number", &record.sequence_number),
            ];
            Step::done(Place::Stream, record.arrived_at, facts)
        }
        Ok(None) if is_stored || found(&evidence.line).is_some() => Step::without(
            Place::Stream,
            State::Unknown,
            "the stream no longer has the record",
        ),
        Ok(None) => missing(Place::Stream, evidence),
        Err(reason) => Step::without(Place::Stream, State::Unknown, reason),
    }
}

fn table(subject: Subject<'_>, evidence: &Evidence) -> Step {
    match &evidence.item {
        // DynamoDB keeps no time of the write.
        Ok(Some(item)) => {
            let mut facts = vec![Fact::new("envelope_id", &item.envelope_id)];
            facts.extend(subject.invoice_no.map(|no| Fact::new("invoice_no", no)));
            facts.push(Fact::new(
                "line",
                &format!("{} of {}", item.line, item.lines),
            ));
            Step::done(Place::Table, None, facts)
        }
        Ok(None) => missing(Place::Table, evidence),
        Err(reason) => Step::without(Place::Table, State::Unknown, reason),
    }
}

fn lake(subject: Subject<'_>, evidence: &Evidence) -> Step {
    match &evidence.entry {
        Ok(Some(entry)) => {
            let object = format!("s3://{}/{}", subject.raw_bucket, entry.key);
            let facts = vec![Fact::new("object", &object), Fact::new("line", &entry.line)];
            Step::done(Place::Lake, entry.modified, facts)
        }
        Ok(None) => missing(Place::Lake, evidence),
        Err(reason) => Step::without(Place::Lake, State::Unknown, reason),
    }
}

fn staging(subject: Subject<'_>, evidence: &Evidence) -> Step {
    match &evidence.staged {
        Ok(Some(staged)) => {
            let object = format!("s3://{}/{}", subject.staging_bucket, staged.key);
            let facts = vec![Fact::new("object", &object), Fact::new("row", &staged.row)];
            Step::done(Place::Staging, staged.modified, facts)
        }
        Ok(None) => missing(Place::Staging, evidence),
        Err(reason) => Step::without(Place::Staging, State::Unknown, reason),
    }
}

fn load(evidence: &Evidence) -> Step {
    let line = match &evidence.line {
        Ok(Some(line)) => line,
        Ok(None) => return missing(Place::Load, evidence),
        Err(reason) => return Step::without(Place::Load, State::Unknown, reason),
    };
    let id = Fact::new("load_id", &line.load_id);
    let Some(load) = &line.load else {
        let reason = "the ledger does not have the load that the row names";
        return Step {
            facts: vec![id],
            ..Step::without(Place::Load, State::Absent, reason)
        };
    };
    let facts = vec![
        id,
        Fact::new("attempt", &load.attempt),
        Fact::new("rows_staged", &load.rows_staged),
    ];
    Step::done(Place::Load, moment(&load.finished_at), facts)
}

fn row(evidence: &Evidence) -> Step {
    match &evidence.line {
        // The row is visible since its load was committed.
        Ok(Some(line)) => {
            let at = line.load.as_ref().and_then(|it| moment(&it.finished_at));
            let facts = vec![
                Fact::new("table", "retail.sales_line"),
                Fact::new("invoice_no", &line.invoice_no),
                Fact::new("kind", &line.kind),
                Fact::new("stock_code", &line.stock_code),
                Fact::new("quantity", &line.quantity),
            ];
            Step::done(Place::Warehouse, at, facts)
        }
        Ok(None) => missing(Place::Warehouse, evidence),
        Err(reason) => Step::without(Place::Warehouse, State::Unknown, reason),
    }
}

/// Returns the step of a place that was searched and does not have the event.
fn missing(place: Place, evidence: &Evidence) -> Step {
    if furthest(evidence).is_some_and(|furthest| furthest > place) {
        return Step::without(
            place,
            State::Absent,
            "not found, although later places have it",
        );
    }
    match evidence.received_at() {
        Some(_) => Step::without(place, State::Waiting, "not there yet"),
        None => Step::without(place, State::Absent, "not found"),
    }
}

/// Returns the last place that has the event.
fn furthest(evidence: &Evidence) -> Option<Place> {
    [
        (Place::Warehouse, found(&evidence.line).is_some()),
        (Place::Staging, found(&evidence.staged).is_some()),
        (Place::Lake, found(&evidence.entry).is_some()),
        (Place::Table, found(&evidence.item).is_some()),
    ]
    .into_iter()
    .find_map(|(place, has_it)| has_it.then_some(place))
}

/// Marks the step that rejected the event. The steps after it are not reached.
fn with_reject(mut steps: Vec<Step>, reject: Option<&Reject>) -> Vec<Step> {
    let Some(reject) = reject else {
        return steps;
    };
    let place = match reject.stage {
        Stage::Ingest => Place::Api,
        Stage::Store => Place::Lake,
        Stage::Transform => Place::Staging,
        Stage::Load => Place::Load,
    };
    for step in steps.iter_mut().filter(|step| step.place >= place) {
        if step.place > place {
            *step = Step::without(step.place, State::Absent, "not reached");
            continue;
        }
        *step = Step {
            at: instant(&reject.at),
            facts: vec![
                Fact::new("reject_id", &reject.id),
                Fact::new("reason", &reject.reason),
                Fact::new("field", &reject.field),
                Fact::new("position", &reject.position),
            ],
            ..Step::without(place, State::Rejected, &reject.detail)
        };
    }
    steps
}

/// Parses a time of RFC 3339.
fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
