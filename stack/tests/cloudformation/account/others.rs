//! The other services of the account, as far as a deploy asks them: each answers what it was told, no more.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Answer, Content, Request, xml};

/// What the other services keep.
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// S3's objects, by path, with their size.
    pub(crate) objects: BTreeMap<String, usize>,
}

/// Answers one call.
pub(crate) fn answer(content: &mut Content, request: &Request) -> Answer {
    match request.service.as_str() {
        "sts" => (200, "text/xml", identity()),
        "s3" => s3(&mut content.others, request),
        "lambda" => json_answer(&json!({"State": "Active", "LastUpdateStatus": "Successful"})),
        _ => (
            400,
            "application/json",
            json!({"__type": "NotScripted", "message": request.action()}).to_string(),
        ),
    }
}

fn json_answer(value: &serde_json::Value) -> Answer {
    (200, "application/json", value.to_string())
}

fn identity() -> String {
    let result = xml::text("Arn", "arn:aws:iam::123456789012:user/deployer")
        + &xml::text("UserId", "AIDASCRIPTED")
        + &xml::text("Account", "123456789012");
    xml::answer("GetCallerIdentity", &result)
}

fn s3(others: &mut Others, request: &Request) -> Answer {
    match request.method.as_str() {
        "PUT" => {
            others
                .objects
                .insert(request.path.clone(), request.body.len());
            (200, "text/plain", String::new())
        }
        "HEAD" if others.objects.contains_key(&request.path) => (200, "text/plain", String::new()),
        _ => (404, "text/plain", String::new()),
    }
}
