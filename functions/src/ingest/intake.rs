//! The events in a body: which are taken, which are not, and who each is.

use std::collections::HashMap;

use events::{Event, EventId, Field, InvoiceNo, Reject};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::body::{Body, Form};
use crate::answer::Refused;
use crate::rejects::{self, word};

/// The most events of one request.
pub const MAX_EVENTS: usize = 500;

/// An event is its id on its invoice: the same id on two invoices is two events.
type Identity = (InvoiceNo, EventId);

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
    /// The producer's id, or the one that this request made.
    #[serde(skip)]
    event_id: Option<String>,
    /// The event as it came.
    #[serde(skip)]
    event: String,
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
    fn new(index: usize, reject: Reject, text: &str, request_id: &str) -> Self {
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
            event_id: known_id(text, index, request_id),
            event: text.to_owned(),
        }
    }

    /// Its place in the request.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// What is kept of it.
    pub(super) fn kept(&self) -> rejects::Rejected {
        let kept = rejects::Rejected::record(
            rejects::Stage::Ingest,
            &word(&self.reason),
            self.detail.clone(),
            self.event.as_bytes(),
        );
        rejects::Rejected {
            field: word(&self.field),
            event_id: self.event_id.clone(),
            ..kept
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
    let mut seen: HashMap<Identity, usize> = HashMap::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        let event = events::read_received(text, received_at);
        match event.and_then(|event| taken(event, text, index, request_id, &mut intake.made_ids)) {
            Ok(taken) => add(taken, &mut intake, &mut seen),
            Err(reject) => intake
                .rejected
                .push(Rejected::new(index, reject, text, request_id)),
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

/// The id of an event that is not taken; `None` when it has one that is not valid.
fn known_id(text: &str, index: usize, request_id: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Known {
        #[serde(rename = "EventId", default)]
        id: Option<serde_json::Value>,
    }
    match serde_json::from_str::<Known>(text).ok()?.id {
        None => made_id(request_id, index).ok(),
        Some(serde_json::Value::String(id)) => id.parse().ok(),
        Some(_) => None,
    }
    .map(|id: EventId| id.to_string())
}

/// Adds an event, unless one of its invoice and id is there: the same again is one, another one is refused.
fn add(new: Taken, intake: &mut Intake, seen: &mut HashMap<Identity, usize>) {
    let identity = (new.invoice_no.clone(), new.id.clone());
    let Some(first) = seen
        .get(&identity)
        .and_then(|position| intake.taken.get_mut(*position))
    else {
        seen.insert(identity, intake.taken.len());
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
            detail: format!(
                "event {earlier} has the id {} on the same invoice and other content",
                new.id
            ),
            event_id: Some(new.id.to_string()),
            event: new.event.clone(),
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
