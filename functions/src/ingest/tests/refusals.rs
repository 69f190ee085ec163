//! Tests of a stream that rejects records: which are retried, what the client is told, and that no event is lost.

use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use http::header::RETRY_AFTER;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{JSON, NDJSON, POSTED, ask, ask_with, event, events, ingest, on_stream, post, read};
use crate::memory::{StreamTurn, denied};

#[test]
fn only_refused_records_are_sent_again() {
    let ingest = ingest([
        StreamTurn::Throttle(vec![1, 3]),
        StreamTurn::Throttle(vec![0]),
    ]);
    let (status, answer) = post(&ingest, JSON, &events(50));
    assert_eq!((status, &answer["accepted"]), (202, &json!(50)));
    assert_eq!(ingest.stream.calls(), [5, 2, 1]);
    assert_eq!(ingest.stream.records().len(), 5);
    let waits: Vec<_> = ingest
        .clock
        .pauses()
        .iter()
        .map(Duration::as_millis)
        .collect();
    assert_eq!(waits, [50, 100]);
}

#[test]
fn a_throttled_stream_is_503_with_the_refused_events() {
    let ingest = ingest((0..9).map(|_| StreamTurn::Throttle(vec![0])));
    let mut request: ApiGatewayProxyRequest = serde_json::from_str(POSTED).unwrap();
    request.body = Some(events(15));
    let answer = ask(&ingest, request);
    assert_eq!(answer.headers[RETRY_AFTER], "1");
    let (status, body) = read(&answer);
    assert_eq!((status, &body["accepted"]), (503, &json!(5)));
    assert_eq!(body["refused"], json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!(on_stream(&ingest).len(), 1);
    assert_eq!(ingest.metrics.of("Refused"), 10);
    assert_eq!(ingest.metrics.of("Accepted"), 5);
    assert_eq!(ingest.metrics.of("Envelopes"), 1);
}

#[test]
fn retries_leave_a_second_of_the_function_for_the_response() {
    let ingest = ingest((0..9).map(|_| StreamTurn::Throttle(vec![0])));
    let answer = ask_with(&ingest, serde_json::from_str(POSTED).unwrap(), 2_000);
    assert_eq!(read(&answer).0, 503);
    let waited: Duration = ingest.clock.pauses().iter().sum();
    assert_eq!(waited, Duration::from_millis(50 + 100 + 200 + 400));
}

#[test]
fn a_failing_stream_is_503_without_internal_details() {
    let failure = denied("kinesis", "PutRecords", "stream riverhouse-test-events");
    let ingest = ingest([StreamTurn::Fail(failure)]);
    let (status, body) = post(&ingest, JSON, &json!([event("e-0", "1", 1), 7]).to_string());
    assert_eq!((status, &body["refused"]), (503, &json!([0])));
    assert_eq!(body["rejected"][0]["index"], 1);
    assert!(!body.to_string().contains("riverhouse-test"), "{body}");
    assert_eq!(ingest.stream.calls(), [1]);
}

#[test]
fn unconfirmed_events_without_an_id_can_be_resent_with_their_generated_ids() {
    let failure = denied("kinesis", "PutRecords", "stream");
    let ingest = ingest([StreamTurn::Fail(failure)]);
    let mut bare = event("", "536365", 1);
    bare.as_object_mut().unwrap().remove("EventId");
    let (_, body) = post(
        &ingest,
        JSON,
        &json!([event("e-0", "1", 1), bare]).to_string(),
    );
    let made = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef-001";
    assert_eq!(
        (&body["refused"], &body["made_ids"]),
        (&json!([0, 1]), &json!([{"index": 1, "event_id": made}]))
    );
    let note = body["note"].as_str().unwrap();
    assert!(
        note.contains("did not confirm") && note.contains("made_ids"),
        "{note}"
    );
    bare["EventId"] = made.into();
    post(&ingest, JSON, &bare.to_string());
    assert_eq!(on_stream(&ingest)[0].2, [made]);
}

#[test]
fn both_notes_are_given_when_one_event_with_a_generated_id_is_accepted_and_another_is_not() {
    let ingest = ingest((0..9).map(|_| StreamTurn::Throttle(vec![0])));
    let mut bare = event("", "1", 1);
    bare.as_object_mut().unwrap().remove("EventId");
    let (status, body) = post(
        &ingest,
        JSON,
        &json!([event("e-0", "2", 1), bare]).to_string(),
    );
    assert_eq!((status, &body["refused"]), (503, &json!([0])));
    assert_eq!(body.get("made_ids"), None);
    let note = body["note"].as_str().unwrap();
    assert!(
        note.contains("did not confirm") && note.contains("count again"),
        "{note}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_event_is_either_on_the_stream_rejected_or_refused(
        rows in prop::collection::vec((0..4_u8, any::<bool>()), 1..60),
        refusals in prop::collection::vec(prop::collection::vec(0..4_usize, 0..4), 0..9),
    ) {
        let ingest = ingest(refusals.into_iter().map(StreamTurn::Throttle));
        let all = rows.iter().enumerate().map(|(n, (invoice, good))| {
            let stock = if *good { "\"StockCode\":\"1\"," } else { "" };
            format!(
                "{{\"EventId\":\"{n}\",\"InvoiceNo\":\"{invoice}\",{stock}\"Quantity\":1,\
                 \"InvoiceDate\":\"12/1/2010 8:26\",\"UnitPrice\":\"1\",\"Country\":\"EIRE\"}}"
            )
        });
        let (_, answer) = post(&ingest, NDJSON, &all.collect::<Vec<_>>().join("\n"));
        let named = |list: &Value| -> Vec<u64> {
            let all = list.as_array().into_iter().flatten();
            all.map(|one| one.as_u64().or(one["index"].as_u64()).unwrap()).collect()
        };
        let mut seen = named(&answer["rejected"]);
        seen.extend(named(&answer["refused"]));
        let stream = on_stream(&ingest);
        prop_assert_eq!(&answer["accepted"], stream.iter().map(|(_, _, ids)| ids.len()).sum::<usize>());
        seen.extend(stream.iter().flat_map(|(_, _, ids)| ids).map(|id| id.parse::<u64>().unwrap()));
        seen.sort_unstable();
        prop_assert!(seen.into_iter().eq(0..rows.len() as u64));
        for (_, _, ids) in &stream {
            let numbers: Vec<u64> = ids.iter().map(|id| id.parse().unwrap()).collect();
            prop_assert!(numbers.is_sorted(), "{:?}", numbers);
        }
    }
}
