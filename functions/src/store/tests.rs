//! Tests of `store` with in-memory ports: what a batch writes to the tables, the lake and the rejects.

mod replaying;
mod writing;

use std::collections::BTreeSet;
use std::io::Read as _;

use aws_lambda_events::streams::KinesisEventResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use events::{Entry, Envelope, LakeLine};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use time::macros::datetime;

use super::BatchFailures::{self, Partial, Whole};
use super::{Batch, Failed, Store};
use crate::items::Item;
use crate::memory::{Counter, Objects, StoppedClock, Tables};

const BATCH: &str = include_str!("../../tests/fixtures/kinesis-batch.json");

type InMemory = Store<Tables, Objects, StoppedClock, Counter>;

fn store(failures: BatchFailures) -> InMemory {
    Store {
        tables: Tables::default(),
        bucket: Objects::default(),
        clock: StoppedClock::at(datetime!(2026-01-02 03:04:06 UTC)),
        metrics: Counter::default(),
        failures,
    }
}

/// Invokes the function like Lambda, with a minute left.
fn bring(store: &InMemory, batch: &Batch) -> Result<KinesisEventResponse, Failed> {
    let mut context = Context::default();
    context.deadline = 1_767_323_106_000;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(store.handle(LambdaEvent::new(batch.clone(), context)))
}

fn fixture() -> Batch {
    serde_json::from_str(BATCH).unwrap()
}

/// Builds a batch of one shard, with sequence numbers from 100.
fn batch(data: impl IntoIterator<Item = String>) -> Batch {
    let record = |(n, data): (usize, String)| {
        json!({"eventID": format!("shardId-000000000000:{}", 100 + n), "kinesis": {
            "data": data,
            "sequenceNumber": (100 + n).to_string(),
            "approximateArrivalTimestamp": 1_767_323_045.5,
        }})
    };
    let records: Vec<_> = data.into_iter().enumerate().map(record).collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

fn envelope(invoice: &str, ids: &[String]) -> String {
    let entry = |id: &String| Entry {
        event_id: id.parse().unwrap(),
        event: RawValue::from_string(format!(
            "{{\"InvoiceNo\":\"{invoice}\",\"StockCode\":\"1\",\"Quantity\":2,\"UnitPrice\":1.5,\
             \"InvoiceDate\":\"12/1/2010 8:26\",\"CustomerID\":17850,\"Country\":\"EIRE\"}}"
        ))
        .unwrap(),
    };
    let entries = ids.iter().map(entry).collect();
    let packed = Envelope::pack("r", datetime!(2026-01-02 03:04:05 UTC), entries);
    BASE64_STANDARD.encode(packed[0].to_json())
}

/// Returns `count` envelopes with one event each, each of another invoice.
fn envelopes(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| envelope(&format!("5{n:03}"), &[format!("e-{n}")]))
        .collect()
}

fn unpacked(store: &InMemory, key: &str) -> String {
    let object = store.bucket.object(key).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(object.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// Returns the event ids in the lake, including repetitions.
fn in_lake(store: &InMemory) -> Vec<String> {
    let keys = store.bucket.keys("raw/");
    let lines = keys.iter().flat_map(|key| {
        let text = unpacked(store, key);
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines
        .map(|l| {
            serde_json::from_str::<LakeLine>(&l)
                .unwrap()
                .event_id
                .to_string()
        })
        .collect()
}

/// Formats an item as one line.
fn text(item: &Item) -> String {
    match item {
        Item::Invoice(item) => {
            let (no, envelope, at) = (&item.invoice_no, &item.envelope_id, &item.received_at);
            format!("invoice {no} {envelope} {at} {}", item.lines)
        }
        Item::Customer(item) => {
            let (id, date, country) = (&item.customer_id, &item.invoice_date, &item.country);
            format!(
                "customer {id} {} {date} {country} {}",
                item.sort_key(),
                item.lines
            )
        }
    }
}

fn failures(answer: &KinesisEventResponse) -> Vec<&str> {
    let failures = answer.batch_item_failures.iter();
    failures
        .filter_map(|failure| failure.item_identifier.as_deref())
        .collect()
}

#[test]
fn a_batch_fills_tables_lake_and_rejects_and_reports_no_failure() {
    let store = store(Partial);
    let answer = bring(&store, &fixture()).unwrap();
    assert!(failures(&answer).is_empty());
    let items: Vec<_> = store.tables.items().iter().map(text).collect();
    insta::assert_snapshot!(items.join("\n"), @r#"
    invoice 536365 066a3a15db8fef39b63723ab621fd338 2026-01-02T03:04:05.678Z [["till-7-000001","85123A","WHITE HANGING HEART T-LIGHT HOLDER",6,"2.55","2010-12-01T08:26:00","17850","United Kingdom"],["till-7-000002","71053","WHITE METAL LANTERN",6,"3.39","2010-12-01T08:27:00","17850","United Kingdom"]]
    invoice 536370 abd082a32352ca551cc6316183286d05 2026-01-02T03:04:05.678Z [["till-7-000005","22727","ALARM CLOCK BAKELIKE RED",24,"3.75","2010-12-01T08:45:00","12583","France"]]
    invoice C536379 679551248800441755dd519a4bf8649e 2026-01-02T03:04:05.678Z [["till-7-000003","D","Discount",-1,"27.5","2010-12-01T09:41:00",null,"United Kingdom"]]
    customer 12583 536370#abd082a32352ca551cc6316183286d05 2010-12-01T08:45:00 France [["till-7-000005",24,"90"]]
    customer 17850 536365#066a3a15db8fef39b63723ab621fd338 2010-12-01T08:26:00 United Kingdom [["till-7-000001",6,"15.3"],["till-7-000002",6,"20.34"]]
    "#);
    let lake = store.bucket.keys("raw/");
    assert_eq!(lake.len(), 1);
    insta::assert_snapshot!(format!("{}\n{}", lake[0], unpacked(&store, &lake[0])), @r#"
    raw/v1/dt=2026-01-02/hr=03/shardId-000000000006/49590338271490256608559692538361571095921575989136588898-49590338271490256608559692538361571095921575989136588906.ndjson.gz
    {"event_id":"till-7-000001","envelope_id":"066a3a15db8fef39b63723ab621fd338","received_at":"2026-01-02T03:04:05.678Z","event":{"EventId":"till-7-000001","InvoiceNo":"536365","StockCode":"85123A","Description":"WHITE HANGING HEART T-LIGHT HOLDER","Quantity":6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":2.55,"CustomerID":17850,"Country":"United Kingdom"}}
    {"event_id":"till-7-000002","envelope_id":"066a3a15db8fef39b63723ab621fd338","received_at":"2026-01-02T03:04:05.678Z","event":{"EventId":"till-7-000002","InvoiceNo":"536365","StockCode":"71053","Description":"WHITE METAL LANTERN","Quantity":6,"InvoiceDate":"12/1/2010 8:27","UnitPrice":3.39,"CustomerID":"17850.0","Country":"United Kingdom","Till":7}}
    {"event_id":"till-7-000003","envelope_id":"679551248800441755dd519a4bf8649e","received_at":"2026-01-02T03:04:05.678Z","event":{"EventId":"till-7-000003","InvoiceNo":"C536379","StockCode":"D","Description":"Discount","Quantity":-1,"InvoiceDate":"12/1/2010 9:41","UnitPrice":27.5,"CustomerID":null,"Country":"United Kingdom"}}
    {"event_id":"till-7-000005","envelope_id":"abd082a32352ca551cc6316183286d05","received_at":"2026-01-02T03:04:05.678Z","event":{"EventId":"till-7-000005","InvoiceNo":"536370","StockCode":"22727","Description":"ALARM CLOCK BAKELIKE RED","Quantity":24,"InvoiceDate":"12/1/2010 8:45","UnitPrice":3.75,"CustomerID":12583,"Country":"France"}}
    "#);
}

#[test]
fn an_invalid_record_is_kept_with_its_reason_in_its_own_object() {
    let store = store(Whole);
    bring(&store, &fixture()).unwrap();
    let rejects = store.bucket.keys("rejects/");
    let lines: Vec<serde_json::Value> = rejects
        .iter()
        .map(|key| serde_json::from_slice(&store.bucket.object(key).unwrap()).unwrap())
        .collect();
    let shard = "shardId-000000000006";
    let sequence =
        |end: &str| format!("49590338271490256608559692538361571095921575989136588{end}");
    let keys = ["900", "902", "906"].map(|end| {
        format!(
            "rejects/store/dt=2026-01-02/{shard}-{}.ndjson",
            sequence(end)
        )
    });
    assert_eq!(rejects, keys);
    let part = |key: &str| -> Vec<_> { lines.iter().map(|line| line[key].clone()).collect() };
    assert_eq!(
        part("reason"),
        ["not_an_envelope", "not_an_envelope", "not_a_number"]
    );
    assert_eq!(part("field"), ["record", "record", "Quantity"]);
    assert_eq!(part("encoding"), ["utf8", "base64", "utf8"]);
    assert_eq!(part("record")[..2], ["hello, not an envelope", "//4="]);
    let positions = [
        format!("{shard}/{}", sequence("900")),
        format!("{shard}/{}", sequence("902")),
        format!("{shard}/{}, event 1", sequence("906")),
    ];
    assert_eq!(part("position"), positions);
    assert_eq!(lines[2]["event_id"], "till-7-000004");
    assert_eq!(lines[2]["received_at"], "2026-01-02T03:04:05.678Z");
    assert_eq!(
        (store.metrics.of("Stored"), store.metrics.of("Rejected")),
        (4, 3)
    );
    let ages = store.metrics.values("EventAgeMilliseconds");
    assert_eq!(ages, [322; 4], "only of stored events");
}

#[test]
fn a_record_that_is_not_base64_does_not_stop_the_others() {
    let store = store(Partial);
    let mut data = envelopes(1);
    data.insert(0, "@@@".to_owned());
    let answer = bring(&store, &batch(data)).unwrap();
    assert!(failures(&answer).is_empty());
    assert_eq!(in_lake(&store), ["e-0"]);
    let rejects = store.bucket.keys("rejects/");
    assert_eq!(
        rejects,
        ["rejects/store/dt=2026-01-02/shardId-000000000000-100.ndjson"]
    );
    let reject: Value = serde_json::from_slice(&store.bucket.object(&rejects[0]).unwrap()).unwrap();
    assert_eq!(
        (&reject["reason"], &reject["record"]),
        (&"not_base64".into(), &"@@@".into())
    );
}

#[test]
fn the_same_batch_again_changes_nothing() {
    let store = store(Partial);
    bring(&store, &fixture()).unwrap();
    let (items, keys) = (store.tables.items(), store.bucket.keys(""));
    let lake = store.bucket.object(&store.bucket.keys("raw/")[0]);
    bring(&store, &fixture()).unwrap();
    assert_eq!((store.tables.items(), store.bucket.keys("")), (items, keys));
    assert_eq!(store.bucket.object(&store.bucket.keys("raw/")[0]), lake);
}

#[test]
fn a_partial_answer_names_the_first_record_that_failed_and_keeps_those_before() {
    let store = store(Partial);
    store.tables.deny("5030");
    let batch = batch(envelopes(60));
    let answer = bring(&store, &batch).unwrap();
    // The denied call starts with the customer item of the 26th invoice.
    assert_eq!(failures(&answer), ["125"]);
    assert_eq!(in_lake(&store).len(), 25);
    assert_eq!(
        (store.metrics.of("Stored"), store.metrics.of("Failures")),
        (25, 1)
    );
}

#[test]
fn a_whole_answer_is_an_error_that_names_action_resource_and_cause() {
    let store = store(Whole);
    store.tables.deny("5030");
    let failed = bring(&store, &batch(envelopes(60))).unwrap_err();
    let diagnostic = Diagnostic::from(failed);
    insta::assert_snapshot!(
        format!("{}\n{}", diagnostic.error_type, diagnostic.error_message),
        @"
    AccessDeniedException
    stored 0 of 60 records: dynamodb BatchWriteItem on table riverhouse-test-invoice: AccessDeniedException: not authorized to perform dynamodb:BatchWriteItem
    "
    );
    assert!(store.bucket.keys("").is_empty());
    store.tables.allow();
    bring(&store, &batch(envelopes(60))).unwrap();
    assert_eq!(in_lake(&store).len(), 60);
}

#[test]
fn a_failing_lake_retries_the_whole_batch_although_the_tables_are_written() {
    for failures_are in [Partial, Whole] {
        let store = store(failures_are);
        store.bucket.fail("raw/");
        let answer = bring(&store, &batch(envelopes(3)));
        match answer {
            Ok(answer) => assert_eq!(failures(&answer), ["100"]),
            Err(failed) => assert!(failed.to_string().contains("s3 PutObject"), "{failed}"),
        }
        store.bucket.mend();
        bring(&store, &batch(envelopes(3))).unwrap();
        assert_eq!(in_lake(&store), ["e-0", "e-1", "e-2"]);
    }
}

#[test]
fn a_record_whose_reject_cannot_be_written_is_retried_and_those_before_it_are_kept() {
    let store = store(Partial);
    store.bucket.fail("rejects/");
    let mut data = envelopes(3);
    data.insert(2, "@@@".to_owned());
    let answer = bring(&store, &batch(data)).unwrap();
    assert_eq!(failures(&answer), ["102"]);
    assert_eq!(in_lake(&store), ["e-0", "e-1"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_event_is_lost_however_a_batch_fails_and_is_cut(
        count in 1..70_usize, denied in 0..70_usize, whole in any::<bool>(), cut in 0..70_usize
    ) {
        let store = store(if whole { Whole } else { Partial });
        let all = batch(envelopes(count));
        store.tables.deny(&format!("5{denied:03}"));
        let answer = bring(&store, &all);
        let again = match &answer {
            Ok(answer) => failures(answer).first().map_or(count, |first| {
                all.records.iter().position(|record| record.sequence() == *first).unwrap()
            }),
            Err(_) => 0,
        };
        prop_assert!(denied >= count || again <= denied);
        store.tables.allow();
        let (mut first, mut second) = (all.clone(), all);
        let cut = again + cut.min(count - again);
        second.records = first.records.split_off(cut);
        first.records.drain(..again);
        for part in [first, second] {
            prop_assert!(failures(&bring(&store, &part).unwrap()).is_empty());
        }
        let lake = in_lake(&store);
        prop_assert_eq!(lake.len(), count);
        prop_assert_eq!(lake.into_iter().collect::<BTreeSet<_>>().len(), count);
        let invoices = store.tables.items();
        let invoices = invoices.iter().filter(|item| matches!(item, Item::Invoice(_)));
        prop_assert_eq!(invoices.count(), count);
    }
}

#[test]
fn an_envelope_of_a_newer_version_is_retried_and_not_rejected() {
    let mut data = envelopes(3);
    data[1] = BASE64_STANDARD.encode(r#"{"v":2,"lines":[]}"#);
    let batch = batch(data);
    let store = store(Partial);
    let answer = bring(&store, &batch).unwrap();
    assert_eq!(failures(&answer), ["101"]);
    assert_eq!(in_lake(&store), ["e-0"]);
    assert!(store.bucket.keys("rejects/").is_empty());
    assert_eq!(store.metrics.of("Rejected"), 0);
    assert_eq!(store.metrics.of("Failures"), 1);
}

#[test]
fn a_newer_envelope_fails_a_batch_that_can_only_fail_whole_and_leaves_nothing_in_the_lake() {
    let mut data = envelopes(2);
    data[1] = BASE64_STANDARD.encode(r#"{"v":2,"lines":[]}"#);
    let store = store(Whole);
    let failed = bring(&store, &batch(data)).unwrap_err();
    let message = failed.to_string();
    assert!(
        message.contains("version 2") && message.contains("deploy"),
        "{message}"
    );
    assert!(in_lake(&store).is_empty());
}
