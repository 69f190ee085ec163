//! Tests of the objects that keep rejected events and refused bodies.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use serde_json::{Value, json};

use super::{InMemory, JSON, POSTED, ask, event, ingest, post};

/// Returns the key and the lines of the only reject object.
fn kept(ingest: &InMemory) -> (String, Vec<Value>) {
    let keys = ingest.bucket.keys("");
    assert_eq!(keys.len(), 1, "{keys:?}");
    let text = String::from_utf8(ingest.bucket.object(&keys[0]).unwrap()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (keys[0].clone(), lines.collect())
}

#[test]
fn rejected_events_are_kept_with_their_place_and_the_same_request_again_keeps_the_same_ids() {
    let ingest = ingest([]);
    let body = json!([event("e-0", "1", 1), 7, {"EventId": "e-2", "Quantity": "six"}, {}]);
    post(&ingest, JSON, &body.to_string());
    let (key, first) = kept(&ingest);
    assert!(key.starts_with("rejects/ingest/dt=2026-01-02/"), "{key}");
    assert!(
        key.ends_with(".ndjson") && key.len() == "rejects/ingest/dt=2026-01-02/.ndjson".len() + 32
    );
    let part = |key: &str| -> Vec<_> { first.iter().map(|line| line[key].clone()).collect() };
    assert_eq!(part("stage"), ["ingest"; 3]);
    assert_eq!(part("reason"), ["not_an_object", "missing", "missing"]);
    assert_eq!(part("field"), ["event", "InvoiceNo", "InvoiceNo"]);
    assert_eq!(part("record")[0], "7");
    assert_eq!(part("record")[2], "{}");
    let request = "request c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
    assert_eq!(
        part("position"),
        [1, 2, 3].map(|n| format!("{request}, index {n}"))
    );
    assert_eq!(part("received_at"), ["2026-01-02T03:04:05.678Z"; 3]);
    assert_eq!(first[0].get("event_id"), None);
    assert_eq!(first[1]["event_id"], "e-2");
    assert_eq!(
        first[2]["event_id"],
        "c6af9ac6-7b61-11e6-9a41-93e8deadbeef-003"
    );
    post(&ingest, JSON, &body.to_string());
    assert_eq!(kept(&ingest), (key, first));
}

#[test]
fn the_same_body_in_another_request_keeps_the_same_ids() {
    let ids = |request_id: &str| {
        let ingest = ingest([]);
        let mut request: ApiGatewayProxyRequest = serde_json::from_str(POSTED).unwrap();
        request.request_context.request_id = Some(request_id.to_owned());
        request.body = Some("[7, {}]".to_owned());
        ask(&ingest, request);
        let (key, lines) = kept(&ingest);
        let ids: Vec<_> = lines.iter().map(|line| line["id"].to_string()).collect();
        assert_ne!(ids[0], ids[1]);
        (key, ids)
    };
    assert_eq!(ids("first"), ids("second"));
}

#[test]
fn a_body_that_is_refused_is_kept_up_to_a_limit() {
    let ingest_short = ingest([]);
    post(&ingest_short, "text/csv", "InvoiceNo,StockCode");
    let (_, lines) = kept(&ingest_short);
    assert_eq!(lines[0]["reason"], "unsupported_media_type");
    assert_eq!(lines[0]["record"], "InvoiceNo,StockCode");
    let ingest_most = ingest([]);
    post(&ingest_most, JSON, &"x".repeat(65_536));
    let (_, lines) = kept(&ingest_most);
    let detail = lines[0]["detail"].as_str().unwrap();
    assert!(!detail.contains("65536"), "{detail}");
    let ingest_long = ingest([]);
    post(&ingest_long, JSON, &"x".repeat(100_000));
    let (_, lines) = kept(&ingest_long);
    assert_eq!(lines[0]["record"].as_str().unwrap().len(), 65_536);
    let detail = lines[0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("100000") && detail.contains("65536"),
        "{detail}"
    );
}

#[test]
fn a_bucket_that_fails_is_counted_and_the_client_is_answered() {
    let ingest = ingest([]);
    ingest.bucket.fail("rejects/");
    let body = json!([event("e-0", "1", 1), 7]).to_string();
    let (status, answer) = post(&ingest, JSON, &body);
    assert_eq!((status, &answer["accepted"]), (202, &json!(1)));
    assert_eq!(ingest.metrics.of("RejectsNotKept"), 1);
}

#[test]
fn nothing_is_written_when_nothing_is_rejected() {
    let ingest = ingest([]);
    ingest.bucket.fail("");
    post(&ingest, JSON, &event("e-0", "1", 1).to_string());
    assert_eq!(ingest.metrics.of("RejectsNotKept"), 0);
    assert_eq!(ingest.metrics.of("Accepted"), 1);
}
