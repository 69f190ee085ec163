//! What the client is told.

use std::collections::HashSet;

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use events::EventId;
use serde::Serialize;

use super::intake::{Rejected, made_id};
use crate::answer::json;

const MADE_IDS: &str = "events without EventId were given ids of this request: \
    if you send them again without an id they count again";
const REFUSED: &str = "the stream did not confirm the events of `refused`: they may not be in, so send them again with \
    the same ids, which never counts them twice";
const RESEND_IDS: &str = "those that came without an EventId have theirs in `made_ids`: put it into each before you \
    send it again";
const NONE_VALID: &str = "no event of the request is valid";

/// What became of the events of a request.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// To find the request in the logs.
    request_id: String,
    /// How many are on the stream.
    accepted: usize,
    /// Those that are not valid.
    rejected: Vec<Rejected>,
    /// Places of those that are valid and of which the stream did not say that it took them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<usize>,
    /// The ids of those of `refused` that came without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    made_ids: Vec<MadeId>,
    /// Names of fields that were ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_fields: Vec<String>,
    /// What the client should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// The id that this request made for one of its events.
#[derive(Debug, Serialize)]
struct MadeId {
    index: usize,
    event_id: EventId,
}

impl Outcome {
    /// The outcome of request `request_id`.
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
            made_ids: Vec::new(),
            unknown_fields: Vec::new(),
            note: note.map(str::to_owned),
        }
    }

    /// Tells of the events at `made`, which came without an id.
    pub(super) fn with_made_ids(mut self, made: &HashSet<usize>) -> Self {
        let refused = self.refused.iter().filter(|index| made.contains(index));
        self.made_ids = refused
            .filter_map(|&index| {
                let event_id = made_id(&self.request_id, index).ok()?;
                Some(MadeId { index, event_id })
            })
            .collect();
        let notes = [
            (!self.made_ids.is_empty()).then_some(RESEND_IDS),
            (made.len() > self.made_ids.len()).then_some(MADE_IDS),
        ];
        for more in notes.into_iter().flatten() {
            self.note = Some(match self.note {
                Some(note) => format!("{note}; {more}"),
                None => more.to_owned(),
            });
        }
        self
    }

    /// Names the fields that were ignored.
    pub(super) fn with_unknown_fields(self, unknown_fields: Vec<String>) -> Self {
        Self {
            unknown_fields,
            ..self
        }
    }

    /// 503 when the stream refused an event, 400 when none is valid, else 202.
    pub(super) fn answer(&self) -> ApiGatewayProxyResponse {
        let status = match (self.accepted, self.refused.is_empty()) {
            (_, false) => 503,
            (0, true) => 400,
            _ => 202,
        };
        json(status, self)
    }
}
