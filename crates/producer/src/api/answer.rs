//! Responses of the API.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::byte_stream::ByteStream;
use serde::Deserialize;

/// Maximum number of characters of an error message. The body may be a whole page of a proxy.
const MAX_DETAIL_CHARS: usize = 300;

/// A response of the API with any status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// `Retry-After`, if it is given in seconds.
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a response to its end.
    pub(super) async fn read(response: HttpResponse) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after
            .and_then(|text| text.parse().ok())
            .map(Duration::from_secs);
        let body = ByteStream::new(response.into_body())
            .collect()
            .await?
            .to_vec();
        Ok(Self {
            status,
            retry_after,
            body,
        })
    }

    /// Returns the error message of the API: field `detail` of our errors, or `message` of API Gateway's.
    #[must_use]
    pub fn detail(&self) -> String {
        #[derive(Default, Deserialize)]
        struct Problem {
            #[serde(alias = "message", alias = "Message")]
            detail: Option<String>,
        }
        let problem: Problem = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = problem
            .detail
            .unwrap_or_else(|| String::from_utf8_lossy(&self.body).into_owned());
        let text: String = text.trim().chars().take(MAX_DETAIL_CHARS).collect();
        if text.is_empty() {
            "no reason given".to_owned()
        } else {
            text
        }
    }
}
