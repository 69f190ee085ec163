//! Tests of `ingest` with in-memory ports: the response to a request and the records that are then on the stream.

mod encoding;
mod refusals;
mod reject_objects;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use events::{Envelope, MAX_EVENT_BYTES};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use time::macros::datetime;

use super::{Ingest, MAX_EVENTS};
use crate::memory::{Counter, Objects, StoppedClock, Stream, StreamTurn};

const POSTED: &str = include_str!("../../tests/fixtures/apigw-post-events.json");
const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";

type InMemory = Ingest<Stream, Objects, StoppedClock, Counter>;

fn ingest(turns: impl IntoIterator<Item = StreamTurn>) -> InMemory {
    Ingest {
        stream: Stream::with_turns(turns),
        bucket: Objects::default(),
        clock: StoppedClock::at(datetime!(2026-01-02 03:04:05.678 UTC)),
        metrics: Counter::default(),
    }
}

/// Invokes the function like Lambda, with 29 seconds left.
fn ask(ingest: &InMemory, request: ApiGatewayProxyRequest) -> ApiGatewayProxyResponse {
    ask_with(ingest, request, 29_000)
}

/// Invokes the function like Lambda, with `left` milliseconds left.
fn ask_with(
    ingest: &InMemory,
    request: ApiGatewayProxyRequest,
    left: u64,
) -> ApiGatewayProxyResponse {
    let mut context = Context::default();
    context.deadline = 1_767_323_045_678 + left;
    let answer = ingest.handle(LambdaEvent::new(request, context));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(answer).unwrap()
}

fn post(ingest: &InMemory, content_type: &str, body: &str) -> (i64, Value) {
    let mut request: ApiGatewayProxyRequest = serde_json::from_str(POSTED).unwrap();
    request
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
    request.body = Some(body.to_owned());
    read(&ask(ingest, request))
}

fn read(answer: &ApiGatewayProxyResponse) -> (i64, Value) {
    let Some(Body::Text(body)) = &answer.body else {
        panic!("no text in {answer:?}");
    };
    (answer.status_code, serde_json::from_str(body).unwrap())
}

fn event(id: &str, invoice: &str, quantity: i32) -> Value {
    json!({"EventId": id, "InvoiceNo": invoice, "StockCode": "85123A", "Quantity": quantity,
        "InvoiceDate": "12/1/2010 8:26", "UnitPrice": 2.55, "Country": "United Kingdom"})
}

fn events(count: usize) -> String {
    let all = (0..count).map(|n| event(&format!("e-{n:03}"), &format!("5{}", n / 10), 6));
    Value::Array(all.collect()).to_string()
}

/// Returns invoice number, envelope id and event ids of every record.
fn on_stream(ingest: &InMemory) -> Vec<(String, String, Vec<String>)> {
    let records = ingest.stream.records().into_iter();
    records
        .map(|record| {
            let envelope = Envelope::read(&record.data).unwrap();
            let ids = envelope
                .events
                .iter()
                .map(|entry| entry.event_id.to_string())
                .collect();
            (record.partition_key, envelope.envelope_id.to_string(), ids)
        })
        .collect()
}

#[test]
fn a_request_becomes_one_envelope_an_invoice_with_the_objects_as_they_came() {
    let ingest = ingest([]);
    let answer = ask(&ingest, serde_json::from_str(POSTED).unwrap());
    insta::assert_json_snapshot!(read(&answer), @r#"
    [
      202,
      {
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "accepted": 3,
        "rejected": [],
        "unknown_fields": [
          "Till"
        ]
      }
    ]
    "#);
    let records = ingest.stream.records();
    let text: Vec<_> = records
        .iter()
        .map(|r| format!("{}: {}", r.partition_key, String::from_utf8_lossy(&r.data)))
        .collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
    536365: {"v":1,"envelope_id":"862847424a67da8282277093d1885e99","request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","received_at":"2026-01-02T03:04:05.678Z","events":[{"event_id":"till-7-000001","event":{"EventId":"till-7-000001","InvoiceNo":"536365","StockCode":"85123A","Description":"WHITE HANGING HEART T-LIGHT HOLDER","Quantity":6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":2.55,"CustomerID":17850,"Country":"United Kingdom"}},{"event_id":"till-7-000002","event":{"EventId":"till-7-000002","InvoiceNo":"536365","StockCode":"71053","Description":"WHITE METAL LANTERN","Quantity":6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":3.39,"CustomerID":17850,"Country":"United Kingdom","Till":7}}]}
    536366: {"v":1,"envelope_id":"3671126b1e1b720b829271a29c3d3f96","request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","received_at":"2026-01-02T03:04:05.678Z","events":[{"event_id":"till-7-000003","event":{"EventId":"till-7-000003","InvoiceNo":"536366","StockCode":"22633","Description":"HAND WARMER UNION JACK","Quantity":6,"InvoiceDate":"12/1/2010 8:28","UnitPrice":1.85,"CustomerID":17850,"Country":"United Kingdom"}}]}
    "#);
    assert_eq!(ingest.metrics.of("Accepted"), 3);
    assert_eq!(ingest.metrics.of("Envelopes"), 2);
    assert_eq!(ingest.metrics.values("EventAgeMilliseconds"), [0; 3]);
}

#[test]
fn the_same_request_again_puts_the_same_envelopes() {
    let ingest = ingest([]);
    for _ in 0..2 {
        ask(&ingest, serde_json::from_str(POSTED).unwrap());
    }
    let envelopes = on_stream(&ingest);
    assert_eq!(envelopes[..2], envelopes[2..]);
}

#[test]
fn an_object_an_array_and_ndjson_are_accepted() {
    let one = event("e-1", "536365", 6);
    let pretty = serde_json::to_string_pretty(&one).unwrap();
    for (content_type, body, accepted) in [
        (JSON, pretty, 1),
        (JSON, format!(" [{one}]\n"), 1),
        (
            NDJSON,
            format!("{one}\r\n\n{}", event("e-2", "536365", 7)),
            2,
        ),
    ] {
        let (status, answer) = post(&ingest([]), content_type, &body);
        assert_eq!(
            (status, &answer["accepted"]),
            (202, &json!(accepted)),
            "{body}"
        );
    }
}

#[test]
fn invalid_events_are_reported_and_valid_ones_are_accepted() {
    let ingest = ingest([]);
    let too_large = json!({"InvoiceNo": "1", "Description": "x".repeat(MAX_EVENT_BYTES)});
    let mut missing = event("e-2", "536365", 1);
    missing.as_object_mut().unwrap().remove("StockCode");
    let mut wrong = event("e-3", "536365", 1);
    wrong["Quantity"] = json!([1]);
    let all = json!([
        event("e-0", "536365", 1),
        too_large,
        missing,
        wrong,
        7,
        event("e-5", "1", 1)
    ]);
    let (status, answer) = post(&ingest, JSON, &all.to_string());
    assert_eq!(status, 202);
    insta::assert_json_snapshot!(answer, @r#"
    {
      "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
      "accepted": 2,
      "rejected": [
        {
          "index": 1,
          "field": "event",
          "reason": "too_large",
          "detail": "the event has 8226 bytes, at most 8192 are accepted"
        },
        {
          "index": 2,
          "field": "StockCode",
          "reason": "missing",
          "detail": "required, but absent, null or blank"
        },
        {
          "index": 3,
          "field": "Quantity",
          "reason": "wrong_type",
          "detail": "[1] is neither a text nor a number"
        },
        {
          "index": 4,
          "field": "event",
          "reason": "not_an_object",
          "detail": "invalid type: integer `7`, expected struct Fields at line 1 column 1"
        }
      ]
    }
    "#);
    assert_eq!(ingest.stream.records().len(), 2);
    assert_eq!(ingest.metrics.of("Rejected"), 4);
}

#[test]
fn a_broken_line_rejects_one_event_and_a_broken_array_the_whole_request() {
    let broken = format!(
        "{}\n{{\"InvoiceNo\":\n{}",
        event("e-0", "1", 1),
        event("e-2", "1", 1)
    );
    let (status, answer) = post(&ingest([]), NDJSON, &broken);
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)));
    assert_eq!(answer["rejected"][0]["index"], 1);
    assert_eq!(answer["rejected"][0]["reason"], "not_json");
    let ingest = ingest([]);
    let (status, answer) = post(&ingest, JSON, &format!("[{},\n{{]", event("e-0", "1", 1)));
    assert_eq!((status, &answer["reason"]), (400, &json!("not_json")));
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .contains("line 2 column 2"),
        "{answer}"
    );
    assert!(ingest.stream.calls().is_empty());
    assert_eq!(ingest.metrics.of("RefusedRequests"), 1);
}

#[test]
fn empty_and_too_large_requests_are_refused() {
    let too_many = events(MAX_EVENTS + 1);
    for (content_type, body, status, reason) in [
        (JSON, "", 400, "empty"),
        (JSON, " \n", 400, "empty"),
        (JSON, "[]", 400, "empty"),
        (NDJSON, "\n\r\n", 400, "empty"),
        (JSON, "hello", 400, "not_json"),
        (JSON, "{} {}", 400, "not_json"),
        ("text/csv", "{}", 415, "unsupported_media_type"),
        (JSON, &too_many, 413, "too_many"),
    ] {
        let (got, answer) = post(&ingest([]), content_type, body);
        assert_eq!(
            (got, &answer["reason"]),
            (status, &json!(reason)),
            "{answer}"
        );
    }
    assert_eq!(
        post(&ingest([]), JSON, &events(MAX_EVENTS)).1["accepted"],
        MAX_EVENTS
    );
}

#[test]
fn a_request_without_one_valid_event_is_400_with_every_reason() {
    let (status, answer) = post(&ingest([]), JSON, "[{}, 1]");
    assert_eq!(
        (status, answer["rejected"].as_array().unwrap().len()),
        (400, 2)
    );
    assert_eq!(answer["note"], "no event of the request is valid");
}

#[test]
fn events_without_an_id_get_a_generated_one_and_the_client_is_told() {
    let ingest = ingest([]);
    let mut bare = event("", "536365", 1);
    bare.as_object_mut().unwrap().remove("EventId");
    let (_, answer) = post(&ingest, JSON, &json!([bare, bare]).to_string());
    assert!(
        answer["note"].as_str().unwrap().contains("count again"),
        "{answer}"
    );
    let ids = &on_stream(&ingest)[0].2;
    let request = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
    assert_eq!(*ids, [format!("{request}-000"), format!("{request}-001")]);
}

#[test]
fn an_id_that_comes_twice_in_a_request_is_one_event_or_a_reject() {
    let ingest = ingest([]);
    let (first, other) = (event("e-1", "536365", 6), event("e-1", "536365", 7));
    let (status, answer) = post(&ingest, JSON, &json!([first, other, first]).to_string());
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)));
    insta::assert_json_snapshot!(answer["rejected"], @r#"
    [
      {
        "index": 1,
        "field": "EventId",
        "reason": "reused_id",
        "detail": "event 0 has the same id e-1 and invoice but different content"
      }
    ]
    "#);
    assert_eq!(on_stream(&ingest)[0].2, ["e-1"]);
}

#[test]
fn one_id_on_two_invoices_is_two_events() {
    let ingest = ingest([]);
    let both = json!([event("e-1", "536365", 6), event("e-1", "536366", 7)]);
    let (status, answer) = post(&ingest, JSON, &both.to_string());
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)));
    assert_eq!(on_stream(&ingest).len(), 2);
}
