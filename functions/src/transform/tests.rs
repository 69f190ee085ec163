//! Tests of `transform` with in-memory ports: the files and rejects that a batch of notifications writes.

use std::collections::BTreeSet;
use std::io::Read as _;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Context, LambdaEvent};
use proptest::prelude::*;
use time::macros::datetime;

use super::{ROLL_BYTES, Transform};
use crate::gzip::compress;
use crate::memory::{Counter, Objects, StoppedClock};

const BATCH: &str = include_str!("../../tests/fixtures/sqs-batch.json");
const CREATED: &str = include_str!("../../tests/fixtures/s3-object-created.json");
const KEY: &str = "raw/v1/dt=2026-01-02/hr=03/shardId-000000000000/49-51.ndjson.gz";

type InMemory = Transform<Objects, Objects, StoppedClock, Counter>;

fn transform() -> InMemory {
    Transform {
        lake: Objects::default(),
        staging: Objects::default(),
        clock: StoppedClock::at(datetime!(2026-01-02 03:04:09 UTC)),
        metrics: Counter::default(),
        roll_bytes: ROLL_BYTES,
        version: events::row::CSV_VERSION,
    }
}

fn bring(transform: &InMemory, event: &SqsEvent) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let event = LambdaEvent::new(event.clone(), Context::default());
    let answer: SqsBatchResponse = runtime.block_on(transform.handle(event)).unwrap();
    answer
        .batch_item_failures
        .into_iter()
        .map(|failure| failure.item_identifier)
        .collect()
}

/// Returns one message per key. Its id is the key.
fn messages<'a>(keys: impl IntoIterator<Item = &'a str>) -> SqsEvent {
    let mut event: SqsEvent = serde_json::from_str(BATCH).unwrap();
    let message = event.records.remove(0);
    event.records = keys
        .into_iter()
        .map(|key| {
            let mut message = message.clone();
            message.message_id = Some(key.to_owned());
            let coded = "raw/v1/dt%3D2026-01-02/hr%3D03/shardId-000000000000/49-51.ndjson.gz";
            message.body = Some(CREATED.replace(coded, &key.replace('=', "%3D")));
            message
        })
        .collect();
    event
}

fn line(id: &str, description: &str) -> String {
    format!(
        "{{\"event_id\":\"{id}\",\"envelope_id\":\"0123456789abcdef0123456789abcdef\",\
         \"received_at\":\"2026-01-02T03:04:05.678Z\",\"event\":{{\"InvoiceNo\":536365,\
         \"StockCode\":\"85123A\",\"Description\":{description},\"Quantity\":6,\"UnitPrice\":2.55,\
         \"InvoiceDate\":\"12/1/2010 8:26\",\"CustomerID\":17850,\"Country\":\"EIRE\",\"Till\":7}}}}\n"
    )
}

fn put(transform: &InMemory, key: &str, ids: &[&str]) {
    let lines: String = ids.iter().map(|id| line(id, "\"LANTERN\"")).collect();
    transform.lake.insert(key, compress(lines.as_bytes()));
}

fn rows(transform: &InMemory, key: &str) -> Vec<csv::StringRecord> {
    let object = transform.staging.object(key).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(object.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(Result::unwrap)
        .collect()
}

/// Returns the event ids in all staged files, including repetitions.
fn staged(transform: &InMemory) -> Vec<String> {
    let keys = transform.staging.keys("csv/");
    let rows = keys.iter().flat_map(|key| rows(transform, key));
    rows.map(|row| row[0].to_owned()).collect()
}

#[test]
fn a_notification_becomes_a_file_and_the_test_of_s3_is_acknowledged() {
    let transform = transform();
    put(&transform, KEY, &["e-1", "e-2"]);
    assert!(bring(&transform, &serde_json::from_str(BATCH).unwrap()).is_empty());
    let files = transform.staging.keys("");
    assert_eq!(files.len(), 1);
    let (objects, _content) = files[0].rsplit_once('-').unwrap();
    insta::assert_snapshot!(objects, @"csv/v1/dt=2026-01-02/2aa82b1d01cce15eb7bb75b890281c3e-000");
    assert_eq!(staged(&transform), ["e-1", "e-2"]);
    assert_eq!(
        (transform.metrics.of("Rows"), transform.metrics.of("Files")),
        (2, 1)
    );
    let ages = || transform.metrics.values("EventAgeMilliseconds");
    assert_eq!(ages(), [3_322, 3_322]);
    bring(&transform, &serde_json::from_str(BATCH).unwrap());
    assert_eq!(ages().len(), 2, "a repeated batch stages nothing new");
}

#[test]
fn objects_of_one_batch_share_a_file_and_the_same_batch_again_writes_nothing_new() {
    let transform = transform();
    let keys = [
        "raw/v1/dt=2026-01-02/b",
        "raw/v1/dt=2026-01-02/a",
        "raw/v1/dt=2026-01-03/c",
    ];
    for (key, id) in keys.iter().zip(["b", "a", "c"]) {
        put(&transform, key, &[id]);
    }
    assert!(bring(&transform, &messages(keys)).is_empty());
    assert_eq!(staged(&transform), ["a", "b", "c"]);
    let before: Vec<_> = transform
        .staging
        .keys("")
        .iter()
        .map(|k| transform.staging.object(k))
        .collect();
    assert_eq!(before.len(), 2);
    bring(&transform, &messages([keys[1], keys[0], keys[2], keys[1]]));
    let after: Vec<_> = transform
        .staging
        .keys("")
        .iter()
        .map(|k| transform.staging.object(k))
        .collect();
    assert_eq!(before, after);
}

#[test]
fn invalid_lines_are_kept_as_rejects_and_the_others_are_staged() {
    let transform = transform();
    let long = format!("\"{}\"", "x".repeat(300));
    let lines = [line("e-1", "null"), line("e-2", &long), "{}\n".to_owned()].concat();
    transform.lake.insert(KEY, compress(lines.as_bytes()));
    assert!(bring(&transform, &messages([KEY])).is_empty());
    assert_eq!(staged(&transform), ["e-1"]);
    let rejects = "rejects/transform/raw/v1/dt=2026-01-02/hr=03/shardId-000000000000/49-51.ndjson";
    let text = String::from_utf8(transform.staging.object(rejects).unwrap()).unwrap();
    let reasons: Vec<_> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["reason"].clone())
        .collect();
    assert_eq!(reasons, ["too_long", "not_a_lake_line"]);
    assert_eq!(transform.metrics.of("Rejected"), 2);
}

#[test]
fn only_messages_with_objects_that_cannot_be_staged_are_retried() {
    let transform = transform();
    let [good, gone, broken] = [
        "raw/v1/dt=2026-01-02/a",
        "raw/v1/dt=2026-01-02/b",
        "raw/v1/dt=2026-01-02/c",
    ];
    put(&transform, good, &["a"]);
    put(&transform, broken, &["c-1", "c-2"]);
    let whole = transform.lake.object(broken).unwrap();
    transform
        .lake
        .insert(broken, whole[..whole.len() - 6].to_vec());
    let mut event = messages([good, gone, broken]);
    event.records[0].message_id = Some("good".to_owned());
    let mut other = event.records[0].clone();
    (other.message_id, other.body) = (Some("other".to_owned()), Some("hello".to_owned()));
    event.records.push(other);
    assert_eq!(bring(&transform, &event), [gone, broken, "other"]);
    assert_eq!(staged(&transform), ["a"]);
    transform.lake.insert(broken, whole);
    assert_eq!(bring(&transform, &messages([gone, broken])), [gone]);
    assert_eq!(
        staged(&transform)
            .into_iter()
            .collect::<BTreeSet<_>>()
            .len(),
        3
    );
    assert_eq!(transform.metrics.of("Failures"), 4);
}

#[test]
fn a_failing_staging_bucket_retries_every_message() {
    let transform = transform();
    put(&transform, KEY, &["e-1"]);
    transform.staging.fail("csv/");
    assert_eq!(bring(&transform, &messages([KEY])), [KEY]);
    transform.staging.mend();
    assert!(bring(&transform, &messages([KEY])).is_empty());
    assert_eq!(staged(&transform), ["e-1"]);
}

#[test]
fn a_full_file_is_closed_and_the_next_one_has_a_header_too() {
    let transform = Transform {
        roll_bytes: 1,
        version: events::row::CSV_VERSION,
        ..transform()
    };
    let ids: Vec<_> = (0..5_000).map(|n| format!("e-{n:04}")).collect();
    put(
        &transform,
        KEY,
        &ids.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    bring(&transform, &messages([KEY]));
    let files = transform.staging.keys("csv/");
    assert!(files.len() > 1 && files[1].contains("-001-"), "{files:?}");
    assert_eq!(staged(&transform), ids);
}

#[test]
fn no_row_is_lost_when_redelivered_objects_are_split_into_other_files() {
    let small = Transform {
        roll_bytes: 1,
        version: events::row::CSV_VERSION,
        ..transform()
    };
    let ids: Vec<_> = (0..5_000).map(|n| format!("e-{n:04}")).collect();
    let lines: Vec<_> = ids.iter().map(String::as_str).collect();
    put(&small, KEY, &lines);
    bring(&small, &messages([KEY]));
    // The function stopped after its first file, and the messages are redelivered to a build with larger files.
    let first = small.staging.keys("csv/").remove(0);
    let transform = transform();
    put(&transform, KEY, &lines);
    let file = small.staging.object(&first).unwrap();
    transform.staging.insert(&first, file);
    bring(&transform, &messages([KEY]));
    let all: BTreeSet<_> = staged(&transform).into_iter().collect();
    assert_eq!(all.len(), ids.len());
}

#[test]
fn objects_without_a_row_leave_no_file() {
    let transform = transform();
    put(&transform, KEY, &[]);
    assert!(bring(&transform, &messages([KEY])).is_empty());
    assert!(transform.staging.keys("").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_is_staged_and_texts_survive(texts in prop::collection::vec("[^\0]{0,40}", 1..20)) {
        let transform = transform();
        let lines: String = texts
            .iter()
            .enumerate()
            .map(|(n, text)| line(&format!("e-{n}"), &serde_json::to_string(text).unwrap()))
            .collect();
        transform.lake.insert(KEY, compress(lines.as_bytes()));
        prop_assert!(bring(&transform, &messages([KEY])).is_empty());
        let files = transform.staging.keys("csv/");
        let rows = rows(&transform, &files[0]);
        prop_assert_eq!(rows.len(), texts.len());
        for (row, text) in rows.iter().zip(&texts) {
            prop_assert_eq!(&row[5], text.trim());
        }
    }
}
