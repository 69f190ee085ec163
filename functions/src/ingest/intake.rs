//! The events in a body: which are taken, which are not, and who each is.

use std::collections::HashMap;

use events::{Event, EventId, Field, InvoiceNo, Reject};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::body::{Body, Form};
use crate::answer::Refused;

/// The most events of one request.
pub const MAX_EVENTS: usize = 500;

/// An event that is valid.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Taken {
    /// Its place in the request, and the places of its exact repetitions.
    pub(super) indexes: Vec<usize>,
    /// Its identity.
    pub(super) id: EventId,
    /// The invoice that it belongs to.
    pub(super) invoice_no: InvoiceNo,
    /// The producer's object without insignificant white space.
    pub(super) event: String,
}

/// An event that is not taken: its place in the request and why.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Rejected {
    index: usize,
    field: Field,
    reason: Reason,
    detail: String,
}

/// Why, as one word.
#[derive(Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
enum Reason {
    /// The event alone tells.
    OfEvent(events::Reason),
    /// Its company in the request tells.
    OfRequest(Company),
}

#[derive(Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Company {
    /// An id of this request with other content: one of the two would be lost downstream.
    ReusedId,
}

impl Rejected {
    fn new(index: usize, reject: Reject) -> Self {
        let Reject {
            field,
            reason,
            detail,
        } = reject;
        Self {
            index,
            field,
            reason: Reason::OfEvent(reason),
            detail,
        }
    }
}

/// What a request brought.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Intake {
    /// Valid events in their order.
    pub(super) taken: Vec<Taken>,
    /// The others in their order.
    pub(super) rejected: Vec<Rejected>,
    /// Whether an event came without an id and was given one of this request's.
    pub(super) made_ids: bool,
}

/// Reads every event of `body`, which arrived at `received_at`; one that has no id is given `request_id` and its index.
pub(super) fn intake(
    body: &Body,
    request_id: &str,
    received_at: OffsetDateTime,
) -> Result<Intake, Refused> {
    let texts = split(body)?;
    let mut intake = Intake::default();
    let mut seen: HashMap<EventId, usize> = HashMap::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        let event = events::read_received(text, received_at);
        match event.and_then(|event| taken(event, text, index, request_id, &mut intake.made_ids)) {
            Ok(taken) => add(taken, &mut intake, &mut seen),
            Err(reject) => intake.rejected.push(Rejected::new(index, reject)),
        }
    }
    Ok(intake)
}

fn taken(
    event: Event,
    text: &str,
    index: usize,
    request_id: &str,
    made: &mut bool,
) -> Result<Taken, Reject> {
    *made |= event.id.is_none();
    let id = event.id.map_or_else(|| made_id(request_id, index), Ok)?;
    Ok(Taken {
        indexes: vec![index],
        id,
        invoice_no: event.line.invoice_no,
        event: events::compact(text),
    })
}

/// An id of this request, padded so that the ids of one request sort in its order.
fn made_id(request_id: &str, index: usize) -> Result<EventId, Reject> {
    let id = format!("{request_id}-{index:03}").parse();
    id.map_err(|error: events::IdentifierError| {
        Reject::new(Field::EventId, events::Reason::TooLong, error.to_string())
    })
}

/// Adds an event, unless one of its id is there: the same again is one, another one is refused.
fn add(new: Taken, intake: &mut Intake, seen: &mut HashMap<EventId, usize>) {
    let Some(first) = seen
        .get(&new.id)
        .and_then(|position| intake.taken.get_mut(*position))
    else {
        seen.insert(new.id.clone(), intake.taken.len());
        intake.taken.push(new);
        return;
    };
    if first.event == new.event {
        first.indexes.extend(new.indexes);
        return;
    }
    let earlier = first.indexes.iter().min().copied().unwrap_or_default();
    intake
        .rejected
        .extend(new.indexes.into_iter().map(|index| Rejected {
            index,
            field: Field::EventId,
            reason: Reason::OfRequest(Company::ReusedId),
            detail: format!("event {earlier} has the id {} and other content", new.id),
        }));
}

/// The texts of the events. A broken line is one broken event, a broken array none at all.
fn split(body: &Body) -> Result<Vec<&str>, Refused> {
    let text = body.text.trim();
    let texts = match body.form {
        Form::Lines => text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect(),
        Form::Json if text.is_empty() => Vec::new(),
        Form::Json => values(text).map_err(|error| {
            let detail = format!(
                "the body is not JSON: {error}; for an event a line, send application/x-ndjson"
            );
            Refused::new(400, "not_json", detail)
        })?,
    };
    match texts.len() {
        0 => Err(Refused::new(400, "empty", "the body holds no event")),
        1..=MAX_EVENTS => Ok(texts),
        n => {
            let detail = format!("{n} events came, at most {MAX_EVENTS} are taken in one request");
            Err(Refused::new(413, "too_many", detail))
        }
    }
}

/// The elements of an array, or any other value itself.
fn values(text: &str) -> Result<Vec<&str>, serde_json::Error> {
    if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text)?;
        return Ok(elements.into_iter().map(RawValue::get).collect());
    }
    Ok(vec![serde_json::from_str::<&RawValue>(text)?.get()])
}
