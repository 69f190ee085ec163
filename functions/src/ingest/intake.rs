//! Validates the events of a body and assigns ids.

use std::collections::{HashMap, HashSet};

use events::{Event, EventId, Field, InvoiceNo, Reject};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::body::{Body, Form};
use crate::answer::Refused;
use crate::rejects::{self, word};

/// The most events in one request.
pub const MAX_EVENTS: usize = 500;
/// Limits of the unknown fields in a response: the most names, and the most characters of each name.
const MAX_UNKNOWN_FIELDS: usize = 20;
const MAX_NAME_CHARS: usize = 64;

/// Identity of an event: the same id on two invoices is two events.
type Identity = (InvoiceNo, EventId);

/// A valid event.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct ValidEvent {
    /// Its index in the request, and the indexes of its exact repetitions.
    pub(super) indexes: Vec<usize>,
    pub(super) id: EventId,
    pub(super) invoice_no: InvoiceNo,
    /// The producer's JSON object without insignificant white space.
    pub(super) event: String,
}

/// An invalid event: its index in the request and the reason.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Rejected {
    index: usize,
    field: Field,
    reason: Reason,
    detail: String,
    /// The producer's id, or the generated one.
    #[serde(skip)]
    event_id: Option<String>,
    /// The event as it was sent.
    #[serde(skip)]
    event: Vec<u8>,
}

/// The reason code of a reject.
#[derive(Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
enum Reason {
    /// The event itself is invalid.
    OfEvent(events::Reason),
    /// The event conflicts with another event of the request.
    OfRequest(Company),
}

#[derive(Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Company {
    /// An earlier event of the request has the same id and other content. Downstream one of the two would be lost.
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

    /// Returns its index in the request.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Returns the record that is kept in the lake bucket.
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

/// The events of a request.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Intake {
    /// Valid events in the order of the request.
    pub(super) valid: Vec<ValidEvent>,
    /// Invalid events in the order of the request.
    pub(super) rejected: Vec<Rejected>,
    /// Indexes of the events that came without an id and got a generated one.
    pub(super) generated_ids: HashSet<usize>,
    /// Names of fields that an event does not have: distinct, in the order of their first use, at most
    /// [`MAX_UNKNOWN_FIELDS`].
    pub(super) unknown_fields: Vec<String>,
}

impl Intake {
    /// Records the unknown fields of an event, which are ignored.
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

/// Validates every event of `body`, which arrived at `received_at`. An event without an id gets one made of
/// `request_id` and its index.
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
        match event
            .and_then(|event| validate(event, text, index, request_id, &mut intake.generated_ids))
        {
            Ok(event) => add(event, &mut intake, &mut seen),
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

fn validate(
    event: Event,
    text: &str,
    index: usize,
    request_id: &str,
    generated: &mut HashSet<usize>,
) -> Result<ValidEvent, Reject> {
    if event.id.is_none() {
        generated.insert(index);
    }
    let id = event
        .id
        .map_or_else(|| generated_id(request_id, index), Ok)?;
    Ok(ValidEvent {
        indexes: vec![index],
        id,
        invoice_no: event.line.invoice_no,
        event: events::compact(text),
    })
}

/// Generates the id of an event. The index is padded with zeros, so that the ids of one request sort in its order.
pub(super) fn generated_id(request_id: &str, index: usize) -> Result<EventId, Reject> {
    let id = format!("{request_id}-{index:03}").parse();
    id.map_err(|error: events::IdentifierError| {
        Reject::new(Field::EventId, events::Reason::TooLong, error.to_string())
    })
}

/// Returns the id of an invalid event; `None` if that id is itself invalid.
fn known_id(text: &str, index: usize, request_id: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Known {
        #[serde(rename = "EventId", default)]
        id: Option<serde_json::Value>,
    }
    match serde_json::from_str::<Known>(text).ok()?.id {
        None => generated_id(request_id, index).ok(),
        Some(serde_json::Value::String(id)) => id.parse().ok(),
        Some(_) => None,
    }
    .map(|id: EventId| id.to_string())
}

/// Adds an event. If an earlier event has the same invoice and id, equal content is a repetition and other content is
/// rejected.
fn add(new: ValidEvent, intake: &mut Intake, seen: &mut HashMap<Identity, usize>) {
    let identity = (new.invoice_no.clone(), new.id.clone());
    let Some(first) = seen
        .get(&identity)
        .and_then(|position| intake.valid.get_mut(*position))
    else {
        seen.insert(identity, intake.valid.len());
        intake.valid.push(new);
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
                "event {earlier} has the same id {} and invoice but different content",
                new.id
            ),
            event_id: Some(new.id.to_string()),
            event: new.event.clone().into_bytes(),
        }));
}

/// Splits the body into the texts of its events. With NDJSON a broken line is one broken event; a broken JSON array
/// fails the request.
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
                "the body is not JSON: {error}; for one event per line, send application/x-ndjson"
            );
            Refused::new(400, "not_json", detail)
        })?,
    };
    match texts.len() {
        0 => Err(Refused::new(400, "empty", "the body has no event")),
        1..=MAX_EVENTS => Ok(texts),
        n => {
            let detail = format!("the request has {n} events; at most {MAX_EVENTS} are accepted");
            Err(Refused::new(413, "too_many", detail))
        }
    }
}

/// Returns the elements of an array, or the value itself if it is not an array.
fn values(text: &str) -> Result<Vec<&str>, serde_json::Error> {
    if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text)?;
        return Ok(elements.into_iter().map(RawValue::get).collect());
    }
    Ok(vec![serde_json::from_str::<&RawValue>(text)?.get()])
}
