//! Builds the objects of the lake bucket that keep the rejects of `ingest`.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::intake;
use crate::answer::Refused;
use crate::rejects::{Rejected, Stage, ndjson};

/// The most bytes that are kept of a body that is refused as a whole: 64 KiB.
const MAX_KEPT_BYTES: usize = 64 * 1024;

/// Length of the body's hash in the object's key, in bytes.
const HASH_BYTES: usize = 16;

/// An object with the rejects of one request.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct RejectObject {
    /// The same body on the same day has the same key.
    pub(super) key: String,
    /// NDJSON: one reject per line.
    pub(super) body: Vec<u8>,
    /// Number of lines.
    pub(super) rejects: usize,
}

/// The request that rejects come from.
pub(super) struct Origin<'r> {
    /// The API's request id, which differs each time a client sends the same request.
    pub(super) request_id: &'r str,
    pub(super) received_at: OffsetDateTime,
    /// Hash of the body, which is the same each time.
    pub(super) hash: String,
}

impl Origin<'_> {
    /// Builds the object for the rejected events of a request; `None` if there are none.
    pub(super) fn of_events(&self, rejected: &[intake::Rejected]) -> Option<RejectObject> {
        let rejects: Vec<_> = rejected
            .iter()
            .map(|event| {
                let place = format!("index {}", event.index());
                self.placed(event.kept(), &place)
            })
            .collect();
        self.object(&rejects)
    }

    /// Builds the object for a body that is refused as a whole; `None` if it is empty.
    pub(super) fn of_body(
        &self,
        request: &ApiGatewayProxyRequest,
        refused: &Refused,
    ) -> Option<RejectObject> {
        let text = request.body.as_deref().unwrap_or_default();
        let decoded = request
            .is_base64_encoded
            .then(|| BASE64_STANDARD.decode(text).ok())
            .flatten();
        let bytes = decoded.as_deref().unwrap_or(text.as_bytes());
        if bytes.is_empty() {
            return None;
        }
        let (kept, cut) = bytes.split_at(bytes.len().min(MAX_KEPT_BYTES));
        let detail = if cut.is_empty() {
            refused.detail.clone()
        } else {
            let (kept, all) = (kept.len(), bytes.len());
            format!(
                "{}; the record has the first {kept} of the {all} bytes of the body",
                refused.detail
            )
        };
        let reject = Rejected::record(Stage::Ingest, refused.reason, detail, kept);
        self.object(&[self.placed(reject, "body")])
    }

    fn placed(&self, reject: Rejected, place: &str) -> Rejected {
        Rejected {
            identity: Some(format!("{}, {place}", self.hash)),
            received_at: Some(events::format_instant(self.received_at)),
            ..reject
                .at_position(format!("request {}, {place}", self.request_id))
                .kept_at(self.received_at)
        }
    }

    fn object(&self, rejects: &[Rejected]) -> Option<RejectObject> {
        let day = self.received_at.to_offset(time::UtcOffset::UTC).date();
        (!rejects.is_empty()).then(|| RejectObject {
            key: format!("rejects/ingest/dt={day}/{}.ndjson", self.hash),
            body: ndjson(rejects),
            rejects: rejects.len(),
        })
    }
}

/// Returns the first 128 bits of the body's SHA-256 as 32 hexadecimal digits. The body is hashed as it came.
pub(super) fn hash(request: &ApiGatewayProxyRequest) -> String {
    let body = request.body.as_deref().unwrap_or_default();
    hex::encode(&Sha256::digest(body)[..HASH_BYTES])
}
