//! A request to the account.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};

/// A request, with the service that is named in its signature.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// For example `cloudformation` or `s3`; empty if the request is not signed.
    pub(crate) service: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    form: BTreeMap<String, String>,
}

impl Request {
    pub(crate) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let service = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split("Credential=").nth(1)?.split('/').nth(3))
            .unwrap_or_default()
            .to_owned();
        let form = std::str::from_utf8(&body)
            .map(|text| {
                text.split('&')
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(key, value)| (decoded(key), decoded(value)))
                    .collect()
            })
            .unwrap_or_default();
        Self {
            service,
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
            body,
            form,
        }
    }

    /// Returns the action of the Query protocol, the target of a JSON protocol, or method and path.
    pub(crate) fn action(&self) -> String {
        if let Some(action) = self.form.get("Action") {
            return action.clone();
        }
        let target = self.headers.get("x-amz-target");
        if let Some(target) = target.and_then(|value| value.to_str().ok()) {
            return target.rsplit('.').next().unwrap_or(target).to_owned();
        }
        format!("{} {}", self.method, self.path)
    }

    /// Returns a field of the form; empty if it is absent.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// Returns `{list}.member.N.{key}` and `{list}.member.N.{value}` as a map.
    pub(crate) fn pairs(&self, list: &str, key: &str, value: &str) -> BTreeMap<String, String> {
        (1..)
            .map_while(|number| {
                let name = self.form.get(&format!("{list}.member.{number}.{key}"))?;
                let value = self.field(&format!("{list}.member.{number}.{value}"));
                Some((name.clone(), value.to_owned()))
            })
            .collect()
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text)
        .decode_utf8_lossy()
        .into_owned()
}
