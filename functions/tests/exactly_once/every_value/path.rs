//! The way of events through the stages.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::encodings::Body;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use events::row::{COLUMNS, CSV_VERSION};
use flate2::read::GzDecoder;
use functions::ingest::Ingest;
use functions::load::Report;
use functions::memory::{Counter, Objects, StoppedClock, Stream, Tables};
use functions::query::Query;
use functions::store::BatchFailures;
use functions::store::{Batch, Store};
use functions::transform::{ROLL_BYTES, Transform};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use lambda_runtime::{Context, LambdaEvent};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::model::{Refusal, Row, Verdicts, judge};
use super::producers::{ARRIVAL, Event};
use crate::rig::{Rig, load};

const POSTED: &str = include_str!("../../fixtures/apigw-post-events.json");
const CREATED: &str = include_str!("../../fixtures/s3-object-created.json");
const CREATED_KEY: &str = "raw/v1/dt%3D2026-01-02/hr%3D03/shardId-000000000000/49-51.ndjson.gz";

/// Records of one batch of the stream.
const BATCH: usize = 16;

/// What the stages left behind.
pub(super) struct Path {
    /// Every accepted event with its text, winning or not.
    pub(super) accepted: BTreeSet<(Row, String)>,
    /// Fields that were refused, with the reasons.
    pub(super) refusals: BTreeSet<(&'static str, &'static str)>,
    pub(super) shop: Query<Tables, Counter>,
    lake: Objects,
    staging: Objects,
}

/// Longer than any stage takes by its clock.
fn context(now: OffsetDateTime) -> Context {
    let mut context = Context::default();
    let deadline = (now + Duration::minutes(2)).unix_timestamp() * 1_000;
    context.deadline = deadline.try_into().unwrap();
    context
}

impl Path {
    /// Sends the requests, each a second after the other, and lets every stage do its work; `store` and `load` get some
    /// of theirs twice.
    pub(super) async fn travelled(rig: &Rig, requests: &[Vec<Event>]) -> Self {
        let (mut accepted, mut refusals) = (BTreeSet::new(), BTreeSet::new());
        let mut records = Vec::new();
        for (second, events) in requests.iter().enumerate() {
            let arrival = ARRIVAL.assume_utc() + Duration::seconds(second.try_into().unwrap());
            let (envelopes, verdicts) = ingested(events, second, arrival).await;
            records.extend(envelopes);
            accepted.extend(verdicts.rows);
            let named = verdicts.refused.iter();
            refusals.extend(named.map(|(_, field, reason)| (*field, *reason)));
        }
        let (tables, lake) = stored(&records).await;
        let staging = transformed(&lake).await;
        loaded(rig, &staging).await;
        Self {
            accepted,
            refusals,
            shop: Query {
                tables,
                metrics: Counter::default(),
            },
            lake,
            staging,
        }
    }

    /// The raw lake has the very text of each accepted event, and of no other.
    pub(super) fn assert_lake(&self) {
        let mut found = BTreeSet::new();
        for text in unzipped(&self.lake, "raw/") {
            for line in text.lines() {
                let line: BTreeMap<String, Box<serde_json::value::RawValue>> =
                    serde_json::from_str(line).unwrap();
                let id = |name: &str| serde_json::from_str::<String>(line[name].get()).unwrap();
                found.insert((
                    id("envelope_id"),
                    id("event_id"),
                    line["event"].get().to_owned(),
                ));
            }
        }
        let expected = self
            .accepted
            .iter()
            .map(|(row, text)| (row.envelope_id.clone(), row.event_id.clone(), text.clone()));
        assert_eq!(found, expected.collect());
        assert_eq!(self.lake.keys("rejects/"), [""; 0]);
    }

    /// The staged files have the values of each accepted event, and no other row.
    pub(super) fn assert_staging(&self) {
        let mut found = BTreeSet::new();
        for text in unzipped(&self.staging, "csv/") {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert_eq!(reader.headers().unwrap(), &COLUMNS.map(|it| it.name)[..]);
            found.extend(reader.records().map(|record| row(&record.unwrap())));
        }
        let expected: BTreeSet<_> = self.accepted.iter().map(|(row, _)| row.clone()).collect();
        assert_eq!(found, expected);
        assert_eq!(self.staging.keys("rejects/"), [""; 0]);
    }
}

fn row(record: &csv::StringRecord) -> Row {
    let cell = |column: &str| {
        let at = COLUMNS.iter().position(|it| it.name == column).unwrap();
        record[at].to_owned()
    };
    let price = cell("unit_price");
    let (_, places) = price.split_once('.').unwrap_or(("", ""));
    let scale = 10_i128.pow(4 - u32::try_from(places.len()).unwrap());
    let row = Row {
        invoice_no: cell("invoice_no"),
        event_id: cell("event_id"),
        envelope_id: cell("envelope_id"),
        ingested_at: cell("ingested_at"),
        stock_code: cell("stock_code"),
        description: cell("description"),
        quantity: cell("quantity").parse().unwrap(),
        invoice_ts: cell("invoice_ts"),
        price: price.replace('.', "").parse::<i128>().unwrap() * scale,
        customer_id: cell("customer_id"),
        country: cell("country"),
    };
    assert_eq!(cell("kind"), row.kind());
    row
}

fn unzipped(objects: &Objects, prefix: &str) -> Vec<String> {
    let read = |key: &String| {
        let mut text = String::new();
        let object = objects.object(key).unwrap();
        GzDecoder::new(object.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    objects.keys(prefix).iter().map(read).collect()
}

/// Posts events, compares the answer and what is kept with the model, and returns the records on the stream and the
/// verdicts with the envelope of each row.
async fn ingested(
    events: &[Event],
    number: usize,
    arrival: OffsetDateTime,
) -> (Vec<Vec<u8>>, Verdicts) {
    let id = format!("r-{number}");
    let ingest = Ingest {
        stream: Stream::default(),
        bucket: Objects::default(),
        clock: StoppedClock::at(arrival),
        metrics: Counter::default(),
    };
    let request = request(events, &id, number % 2 == 1);
    let answer = ingest
        .handle(LambdaEvent::new(request, context(arrival)))
        .await;
    let Some(Body::Text(body)) = answer.unwrap().body else {
        panic!("an answer without a text");
    };
    let answer: Value = serde_json::from_str(&body).unwrap();
    let mut verdicts = judge(events, &id, arrival);
    assert_eq!(answer["accepted"], verdicts.accepted, "{answer}");
    assert_named(&answer, &verdicts.refused);
    assert_kept(&ingest.bucket, events, &verdicts.refused);
    let records = ingest.stream.records().into_iter().map(|it| it.data);
    let records: Vec<_> = records.collect();
    let mut envelopes = envelopes(&records);
    for (row, _) in &mut verdicts.rows {
        let identity = (row.invoice_no.clone(), row.event_id.clone());
        row.envelope_id = envelopes
            .remove(&identity)
            .unwrap_or_else(|| panic!("{identity:?} is not on the stream"));
    }
    assert!(
        envelopes.is_empty(),
        "on the stream, but not accepted: {envelopes:?}"
    );
    (records, verdicts)
}

/// As an array, or an event a line.
fn request(events: &[Event], id: &str, lines: bool) -> ApiGatewayProxyRequest {
    let texts: Vec<_> = events.iter().map(Event::json).collect();
    let (kind, body) = if lines {
        ("application/x-ndjson", texts.join("\n"))
    } else {
        ("application/json", format!("[{}]", texts.join(",")))
    };
    let mut request: ApiGatewayProxyRequest = serde_json::from_str(POSTED).unwrap();
    request
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    request.request_context.request_id = Some(id.to_owned());
    request.body = Some(body);
    request
}

fn assert_named(answer: &Value, refused: &[Refusal]) {
    let named = answer["rejected"].as_array().unwrap().iter();
    let mut named: Vec<_> = named
        .map(|it| json!([it["index"], it["field"], it["reason"]]))
        .collect();
    named.sort_by_key(|it| it[0].as_u64());
    let expected: Vec<_> = refused.iter().map(|it| json!(it)).collect();
    assert_eq!(named, expected, "{answer}");
}

/// Every refused event is in the bucket as it came, with field and reason.
fn assert_kept(bucket: &Objects, events: &[Event], refused: &[Refusal]) {
    let mut kept = Vec::new();
    for key in bucket.keys("rejects/ingest/") {
        let object = bucket.object(&key).unwrap();
        for line in str::from_utf8(&object).unwrap().lines() {
            let it: Value = serde_json::from_str(line).unwrap();
            kept.push(json!([it["field"], it["reason"], it["record"]]).to_string());
        }
    }
    let expected = refused
        .iter()
        .map(|(index, field, reason)| json!([field, reason, events[*index].json()]).to_string());
    let mut expected: Vec<_> = expected.collect();
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected);
}

/// The envelope of each event on the stream.
fn envelopes(records: &[Vec<u8>]) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for record in records {
        let envelope = events::Envelope::read(record).unwrap();
        for entry in &envelope.events {
            let line = events::read(entry.event.get()).unwrap().line;
            let identity = (line.invoice_no.to_string(), entry.event_id.to_string());
            let before = found.insert(identity, envelope.envelope_id.to_string());
            assert_eq!(before, None, "an event is on the stream twice");
        }
    }
    found
}

/// The tables and the lake; every second batch comes twice.
async fn stored(records: &[Vec<u8>]) -> (Tables, Objects) {
    let now = ARRIVAL.assume_utc();
    let store = Store {
        tables: Tables::default(),
        bucket: Objects::default(),
        clock: StoppedClock::at(now),
        metrics: Counter::default(),
        failures: BatchFailures::Partial,
    };
    for (number, batch) in records.chunks(BATCH).enumerate() {
        let records = batch.iter().enumerate().map(|(place, data)| {
            let sequence = (1_000 + number * BATCH + place).to_string();
            json!({"eventID": format!("shardId-000000000000:{sequence}"), "kinesis": {
                "data": BASE64_STANDARD.encode(data), "sequenceNumber": sequence,
                "approximateArrivalTimestamp": now.unix_timestamp(),
            }})
        });
        let batch = json!({ "Records": records.collect::<Vec<_>>() });
        let batch: Batch = serde_json::from_value(batch).unwrap();
        for _ in 0..=number % 2 {
            let event = LambdaEvent::new(batch.clone(), context(now));
            let answer = store.handle(event).await.unwrap();
            assert!(answer.batch_item_failures.is_empty());
        }
    }
    (store.tables, store.bucket)
}

/// The staged files.
async fn transformed(lake: &Objects) -> Objects {
    let transform = Transform {
        lake: Objects::default(),
        staging: Objects::default(),
        clock: StoppedClock::at(OffsetDateTime::UNIX_EPOCH),
        metrics: Counter::default(),
        roll_bytes: ROLL_BYTES,
        version: CSV_VERSION,
    };
    let mut event = SqsEvent::default();
    for key in lake.keys("raw/") {
        transform.lake.insert(&key, lake.object(&key).unwrap());
        let name = utf8_percent_encode(&key, NON_ALPHANUMERIC).to_string();
        let mut message = SqsMessage::default();
        message.message_id = Some(key);
        message.body = Some(CREATED.replace(CREATED_KEY, &name));
        event.records.push(message);
    }
    // Halves, so that the warehouse has several files and loads.
    let rest = event.records.split_off(event.records.len() / 2);
    for records in [event.records, rest] {
        let mut half = SqsEvent::default();
        half.records = records;
        let answer = transform.handle(LambdaEvent::new(half, Context::default()));
        assert!(answer.await.unwrap().batch_item_failures.is_empty());
    }
    transform.staging
}

/// Loads each file alone and then all, into an empty warehouse.
async fn loaded(rig: &Rig, staging: &Objects) {
    for table in ["retail.sales_line", "etl.load_file", "etl.load"] {
        let delete = format!("DELETE FROM {table}");
        rig.admin().query("test", &delete).await.unwrap();
    }
    let keys = staging.keys("csv/");
    for key in &keys {
        rig.world.bucket().put(key, staging.object(key).unwrap());
    }
    let loader = rig.loader();
    let all: Vec<_> = keys.iter().map(String::as_str).collect();
    for keys in [&all[..all.len() / 2], &all[..]] {
        assert_eq!(load(&loader, keys).await, Report::default());
    }
    assert!(loader.load_table.quarantined().is_empty());
}
