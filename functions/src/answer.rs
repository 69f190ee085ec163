//! Responses of the API: JSON for API Gateway's proxy integration.

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings::Body;
use http::HeaderValue;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use serde::Serialize;

/// A request that is refused as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// HTTP status code.
    pub status: i64,
    /// The reason code, for programs. The codes are stable.
    pub reason: &'static str,
    /// The reason, for people. Never the text of an internal error.
    pub detail: String,
    /// The allowed method, for a request with another method.
    pub allow: Option<&'static str>,
}

impl Refused {
    #[must_use]
    pub fn new(status: i64, reason: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            reason,
            detail: detail.into(),
            allow: None,
        }
    }

    /// Refuses a request with 405: the path allows only the method `allow`.
    #[must_use]
    pub fn not_allowed(allow: &'static str, detail: impl Into<String>) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(405, "method_not_allowed", detail)
        }
    }

    /// Returns 503. The cause is in the function's log.
    #[must_use]
    pub fn unavailable(detail: &'static str) -> Self {
        Self::new(503, "unavailable", detail)
    }

    /// Returns the API's response.
    #[must_use]
    pub fn answer(&self) -> ApiGatewayProxyResponse {
        let problem = Problem {
            reason: self.reason,
            detail: &self.detail,
        };
        let mut answer = json(self.status, &problem);
        if let Some(allow) = self.allow {
            let allow = HeaderValue::from_static(allow);
            answer.headers.insert(ALLOW, allow);
        }
        answer
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    reason: &'a str,
    detail: &'a str,
}

/// Seconds after which a client may retry a 503.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Builds a response with `body` as JSON. A 503 has the header `Retry-After`.
#[must_use]
pub fn json(status: i64, body: &impl Serialize) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status;
    response
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == 503 {
        response.headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    // Responses consist of strings, numbers and lists, so serialising them cannot fail.
    response.body = Some(Body::Text(serde_json::to_string(body).unwrap_or_default()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_json_and_a_503_has_retry_after() {
        let busy = Refused::unavailable("the stream is full, send again").answer();
        insta::assert_json_snapshot!(busy, @r#"
        {
          "statusCode": 503,
          "headers": {
            "content-type": "application/json",
            "retry-after": "1"
          },
          "multiValueHeaders": {},
          "body": "{\"reason\":\"unavailable\",\"detail\":\"the stream is full, send again\"}",
          "isBase64Encoded": false
        }
        "#);
        let gone = Refused::new(404, "not_found", "no invoice 1").answer();
        assert!(!gone.headers.contains_key(RETRY_AFTER));
    }
}
