//! Tests of bytes that are not UTF-8, of gzip, and of unknown fields.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Value, json};

use super::{InMemory, JSON, NDJSON, POSTED, ask, event, ingest, on_stream, post, read};

/// Posts bytes as API Gateway passes them to Lambda.
fn post_bytes(
    ingest: &InMemory,
    content_type: &'static str,
    encoding: Option<&'static str>,
    body: &[u8],
) -> (i64, Value) {
    let mut request: ApiGatewayProxyRequest = serde_json::from_str(POSTED).unwrap();
    let headers = &mut request.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    request.body = Some(BASE64_STANDARD.encode(body));
    request.is_base64_encoded = true;
    read(&ask(ingest, request))
}

/// Returns three events; the description of the second has a byte of ISO-8859-1.
fn damaged(separator: &str) -> Vec<u8> {
    let mut bad = event("e-1", "1", 1);
    bad["Description"] = json!("£ BOX");
    let (first, last) = (event("e-0", "1", 1), event("e-2", "1", 1));
    let mut body = format!("{first}{separator}").into_bytes();
    body.extend(bad.to_string().chars().map(|it| u8::try_from(it).unwrap()));
    body.extend_from_slice(format!("{separator}{last}").as_bytes());
    body
}

#[test]
fn a_byte_that_is_not_utf_8_rejects_only_its_event() {
    let array = [b"[", damaged(",").as_slice(), b"]"].concat();
    for (content_type, body) in [(NDJSON, damaged("\n")), (JSON, array)] {
        let ingest = ingest([]);
        let (status, answer) = post_bytes(&ingest, content_type, None, &body);
        assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
        let rejected = answer["rejected"].as_array().unwrap();
        assert_eq!(rejected.len(), 1);
        assert_eq!(
            (&rejected[0]["index"], &rejected[0]["reason"]),
            (&json!(1), &json!("not_utf8"))
        );
        assert_eq!(on_stream(&ingest)[0].2, ["e-0", "e-2"]);
        let key = &ingest.bucket.keys("rejects/")[0];
        let kept: Value = serde_json::from_slice(&ingest.bucket.object(key).unwrap()).unwrap();
        assert_eq!(
            (&kept["encoding"], &kept["event_id"]),
            (&json!("base64"), &json!("e-1"))
        );
        let record = BASE64_STANDARD
            .decode(kept["record"].as_str().unwrap())
            .unwrap();
        assert!(record.windows(5).any(|bytes| bytes == b"\xa3 BOX"));
    }
}

#[test]
fn an_id_with_a_damaged_byte_is_not_kept_as_an_id() {
    let ingest = ingest([]);
    let body = b"{\"EventId\":\"till \xa3\"}";
    assert_eq!(post_bytes(&ingest, JSON, None, body).0, 400);
    let key = &ingest.bucket.keys("rejects/")[0];
    let kept: Value = serde_json::from_slice(&ingest.bucket.object(key).unwrap()).unwrap();
    assert_eq!(
        (kept.get("event_id"), &kept["reason"]),
        (None, &json!("not_utf8"))
    );
}

#[test]
fn a_replacement_character_that_the_producer_sent_is_a_character() {
    let mut line = event("e-0", "1", 1);
    line["Description"] = json!("\u{fffd} BOX");
    for body in [line.to_string(), format!("[{line}]")] {
        let (status, _) = post_bytes(&ingest([]), JSON, None, body.as_bytes());
        assert_eq!(status, 202);
        assert_eq!(post(&ingest([]), JSON, &body).0, 202);
    }
}

#[test]
fn a_compressed_body_is_the_same_request() {
    let lines = format!("{}\n{}", event("e-0", "1", 1), event("e-1", "1", 1));
    let gzip = crate::gzip::compress(lines.as_bytes());
    let (status, answer) = post_bytes(&ingest([]), NDJSON, Some("gzip"), &gzip);
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
}

#[test]
fn ignored_fields_are_named_once_up_to_a_limit() {
    let mut first = event("e-0", "1", 1);
    first["invoiceno"] = json!("2");
    first["Till"] = json!(7);
    let mut second = event("e-1", "1", 1);
    second["Till"] = json!(8);
    let (status, answer) = post(
        &ingest([]),
        JSON,
        &json!([first, second, {"x": 1}]).to_string(),
    );
    assert_eq!(status, 202);
    let mut named: Vec<_> = answer["unknown_fields"].as_array().unwrap().clone();
    named.sort_by_key(Value::to_string);
    assert_eq!(named, ["Till", "invoiceno", "x"]);
    let mut many = event("e-0", "1", 1);
    for n in 0..25 {
        many[format!("{}{n}", "ü".repeat(70))] = json!(n);
        many[format!("field {n}")] = json!(n);
    }
    let (_, answer) = post(&ingest([]), JSON, &many.to_string());
    let named = answer["unknown_fields"].as_array().unwrap();
    assert_eq!(named.len(), 20);
    let longest = named
        .iter()
        .map(|name| name.as_str().unwrap().chars().count());
    assert!(longest.max().unwrap() <= 65);
    let (_, answer) = post(&ingest([]), JSON, &event("e-0", "1", 1).to_string());
    assert_eq!(answer.get("unknown_fields"), None);
}
