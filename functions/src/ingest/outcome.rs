//! What the client is told.

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use serde::Serialize;

use super::intake::Rejected;
use crate::answer::json;

const MADE_IDS: &str = "events without EventId were given ids of this request: \
    if you send them again they count again";
const REFUSED: &str = "the stream is busy: send the events of `refused` again, they are not in";
const NONE_VALID: &str = "no event of the request is valid";

/// What became of the events of a request.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// To find the request in the logs.
    pub(super) request_id: String,
    /// How many are on the stream.
    pub(super) accepted: usize,
    /// Those that are not valid.
    pub(super) rejected: Vec<Rejected>,
    /// Places of those that are valid and did not get in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<usize>,
    /// What the client should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl Outcome {
    /// The outcome of request `request_id`.
    pub(super) fn new(
        request_id: String,
        accepted: usize,
        rejected: Vec<Rejected>,
        mut refused: Vec<usize>,
        made_ids: bool,
    ) -> Self {
        refused.sort_unstable();
        let note = match (accepted, refused.is_empty()) {
            (_, false) => Some(REFUSED),
            (0, true) => Some(NONE_VALID),
            _ => made_ids.then_some(MADE_IDS),
        };
        Self {
            request_id,
            accepted,
            rejected,
            refused,
            note,
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
