//! HTTP requests to an environment's API, signed by botocore, an independent implementation of request signing.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::environment::Environment;
use crate::python;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON, or as a JSON string if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| Value::from(self.text()))
    }
}

impl Environment {
    /// Sends a request that is signed for API Gateway. `target` is a path of the API, sent without changes, or a whole
    /// URL.
    pub(crate) fn http(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.send(method, target, headers, body, Some("execute-api"))
    }

    /// Sends the same request without a signature.
    pub(crate) fn unsigned(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.send(method, target, headers, body, None)
    }

    /// Posts a body to `/events` with a signed request and returns status and response.
    pub(crate) fn post(&self, content_type: &str, body: &[u8]) -> (u16, Value) {
        let answer = self.http("POST", "/events", &[("Content-Type", content_type)], body);
        (answer.status, answer.json())
    }

    fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        service: Option<&str>,
    ) -> Answer {
        let exports = self.exports();
        let exports: Vec<_> = exports
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        let exported = |name: &str| exports.iter().find(|(key, _)| *key == name).unwrap().1;
        let url = if target.starts_with('/') {
            exported("RIVERHOUSE_API_URL").to_owned() + target
        } else {
            target.to_owned()
        };
        let asked = json!({
            "method": method, "url": url, "headers": headers,
            "body": BASE64_STANDARD.encode(body), "service": service,
        });
        let told = python::run("signed_request.py", &asked, &exports);
        Answer {
            status: told["status"].as_u64().unwrap().try_into().unwrap(),
            body: BASE64_STANDARD
                .decode(told["body"].as_str().unwrap())
                .unwrap(),
        }
    }
}
