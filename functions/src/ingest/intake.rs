//! The events in a body: which are taken, which are not, and who each is.

use std::collections::{HashMap, HashSet};

use events::{Event, EventId, Field, InvoiceNo, Reject};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::body::{Body, Form};
use crate::answer::Refused;
use crate::rejects::{self, word};

/// The most events of one request.
pub const MAX_EVENTS: usize = 500;
/// The most unknown fields that an answer names, and the most characters of each name.
const MAX_UNKNOWN_FIELDS: usize = 20;
const MAX_NAME_CHARS: usize = 64;

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
    event: Vec<u8>,
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
    fn new(index: usize, reject: Reject, text: &str, event: &[u8], request_id: &str) -> Self {
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
            event: event.to_owned(),
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
            &self.event,
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
    /// Places of the events that came without an id and were given one of this request's.
    pub(super) made_ids: HashSet<usize>,
    /// Names of fields that no event has, each once, in the order in which they came; the first of them.
    pub(super) unknown_fields: Vec<String>,
}

impl Intake {
    /// Notes the fields of an event that are ignored.
    fn note_unknown_fields(&mut self, event: &str) {
        for name in events::unknown_fields(event) {
            if self.unknown_fields.len() == MAX_UNKNOWN_FIELDS {
                return;
            }
            let name = match name.char_indices().nth(MAX_NAME_CHARS) {
                Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
                None => name,
            };
            if !self.unknown_fields.contains(&name) {
                self.unknown_fields.push(name);
            }
        }
    }
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
        intake.note_unknown_fields(text);
        let damaged = body.text.damaged(text);
        let event = match damaged {
            Some(bytes) => Err(not_utf8(bytes)),
            None => events::read_received(text, received_at),
        };
        match event.and_then(|event| taken(event, text, index, request_id, &mut intake.made_ids)) {
            Ok(taken) => add(taken, &mut intake, &mut seen),
            Err(reject) => {
                let event = damaged.unwrap_or(text.as_bytes());
                let rejected = Rejected::new(index, reject, text, event, request_id);
                intake.rejected.push(rejected);
            }
        }
    }
    Ok(intake)
}

fn not_utf8(event: &[u8]) -> Reject {
    let at = str::from_utf8(event).map_or_else(|error| error.valid_up_to(), str::len);
    let detail = format!(
        "byte {at} of the event is not UTF-8: send UTF-8, or name the charset windows-1252 in the content type"
    );
    Reject::new(Field::Event, events::Reason::NotUtf8, detail)
}

fn taken(
    event: Event,
    text: &str,
    index: usize,
    request_id: &str,
    made: &mut HashSet<usize>,
) -> Result<Taken, Reject> {
    if event.id.is_none() {
        made.insert(index);
    }
    let id = event.id.map_or_else(|| made_id(request_id, index), Ok)?;
    Ok(Taken {
        indexes: vec![index],
        id,
        invoice_no: event.line.invoice_no,
        event: events::compact(text),
    })
}

/// An id of this request, padded so that the ids of one request sort in its order.
pub(super) fn made_id(request_id: &str, index: usize) -> Result<EventId, Reject> {
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
            event: new.event.clone().into_bytes(),
        }));
}

/// The texts of the events. A broken line is one broken event, a broken array none at all.
fn split(body: &Body) -> Result<Vec<&str>, Refused> {
    let text = body.text.as_str().trim();
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
