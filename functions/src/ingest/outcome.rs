//! The response to the client.

use std::collections::HashSet;

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use events::EventId;
use serde::Serialize;

use super::intake::{Rejected, generated_id};
use crate::answer::json;

const GENERATED_IDS: &str = "events without an EventId got one that is derived from this \
    request: if you send them again without an id, they count again";
const REFUSED: &str = "the stream did not confirm the events in `refused`: send them again with the same ids; no event \
    counts twice";
const RESEND_IDS: &str =
    "`made_ids` has the generated ids: add them to the events before you send these again";
const NONE_VALID: &str = "no event of the request is valid";

/// The outcome of a request, event by event.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// The API's request id, to find the request in the logs.
    request_id: String,
    /// Number of events that are on the stream.
    accepted: usize,
    /// The invalid events.
    rejected: Vec<Rejected>,
    /// Indexes of the valid events that the stream did not confirm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<usize>,
    /// Generated ids of those events of `refused` that came without an id.
    #[serde(rename = "made_ids", skip_serializing_if = "Vec::is_empty")]
    generated_ids: Vec<GeneratedId>,
    /// Names of the fields that were ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_fields: Vec<String>,
    /// Advice for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// The id that was generated for an event of this request.
#[derive(Debug, Serialize)]
struct GeneratedId {
    index: usize,
    event_id: EventId,
}

impl Outcome {
    pub(super) fn new(
        request_id: String,
        accepted: usize,
        rejected: Vec<Rejected>,
        mut refused: Vec<usize>,
    ) -> Self {
        refused.sort_unstable();
        let note = match (accepted, refused.is_empty()) {
            (_, false) => Some(REFUSED),
            (0, true) => Some(NONE_VALID),
            _ => None,
        };
        Self {
            request_id,
            accepted,
            rejected,
            refused,
            generated_ids: Vec::new(),
            unknown_fields: Vec::new(),
            note: note.map(str::to_owned),
        }
    }

    /// Adds the generated ids of the events at the indexes `generated`, which came without an id.
    pub(super) fn with_generated_ids(mut self, generated: &HashSet<usize>) -> Self {
        let refused = self
            .refused
            .iter()
            .filter(|index| generated.contains(index));
        self.generated_ids = refused
            .filter_map(|&index| {
                let event_id = generated_id(&self.request_id, index).ok()?;
                Some(GeneratedId { index, event_id })
            })
            .collect();
        let notes = [
            (!self.generated_ids.is_empty()).then_some(RESEND_IDS),
            (generated.len() > self.generated_ids.len()).then_some(GENERATED_IDS),
        ];
        for more in notes.into_iter().flatten() {
            self.note = Some(match self.note {
                Some(note) => format!("{note}; {more}"),
                None => more.to_owned(),
            });
        }
        self
    }

    pub(super) fn with_unknown_fields(self, unknown_fields: Vec<String>) -> Self {
        Self {
            unknown_fields,
            ..self
        }
    }

    /// Returns 503 if the stream did not confirm an event, 400 if no event is valid, else 202.
    pub(super) fn answer(&self) -> ApiGatewayProxyResponse {
        let status = match (self.accepted, self.refused.is_empty()) {
            (_, false) => 503,
            (0, true) => 400,
            _ => 202,
        };
        json(status, self)
    }
}
