//! Tests of the responses to the queue and the schedule.

use std::sync::Mutex;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Context, LambdaEvent};
use warehouse::check::{Broken, Finding, Severity};

use super::*;
use crate::load::staged::tests::created;

fn message(id: &str, body: String) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.body = Some(body);
    message
}

/// Returns a context whose deadline is later than any load here needs.
fn context() -> Context {
    let mut context = Context::default();
    context.deadline = u64::try_from(SOON.unix_timestamp() * 1_000).unwrap();
    context
}

async fn answer(loader: MemoryLoader<'_>, messages: Vec<SqsMessage>) -> serde_json::Value {
    let mut batch = SqsEvent::default();
    batch.records = messages;
    let event = LambdaEvent::new(Event::Queue(batch), context());
    serde_json::to_value(Load(loader).handle(event).await.unwrap()).unwrap()
}

#[tokio::test]
async fn only_messages_with_failed_files_are_retried() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    assert_eq!(load(&loader, &[A]).await, Report::default());
    loader.warehouse.stage(B, MemoryFile::Denied);
    let messages = vec![
        message("good", created(A)),
        message("bad", created(B)),
        message("no notification", "{}".to_owned()),
        message(
            "test",
            include_str!("../../../tests/fixtures/s3-test-event.json").to_owned(),
        ),
    ];
    let expected = serde_json::json!({"batchItemFailures": [
        {"itemIdentifier": "bad"}, {"itemIdentifier": "no notification"},
    ]});
    assert_eq!(answer(loader, messages).await, expected);
}

#[tokio::test]
async fn a_ninth_of_the_functions_time_is_left_for_what_follows_the_load() {
    let faults = FaultInjector::default();
    let load = Load(loader(&faults));
    load.0.warehouse.be_slow(true);
    let event = serde_json::from_value(serde_json::json!({ "files": [A] })).unwrap();
    load.handle(LambdaEvent::new(event, context()))
        .await
        .unwrap();
    let waited = load.0.warehouse.longest_wait();
    // The context leaves 60 s.
    assert_eq!(waited.as_millis(), 53_333);
}

#[tokio::test]
async fn the_schedule_asks_for_reconciliation_and_the_queue_for_loads() {
    let queue: Event = serde_json::from_str(r#"{"Records": []}"#).unwrap();
    assert!(matches!(queue, Event::Queue(_)));
    let schedule: Event = serde_json::from_str(r#"{"reconcile": true}"#).unwrap();
    let faults = FaultInjector::default();
    let load = Load(loader(&faults));
    let answered = load
        .handle(LambdaEvent::new(schedule, context()))
        .await
        .unwrap();
    assert_eq!(answered, Answer::Done { unfinished: 0 });
}

#[tokio::test]
async fn an_operator_names_files_and_gets_the_number_of_unfinished_ones() {
    let faults = FaultInjector::default();
    let load = Load(loader(&faults));
    load.0.load(files(&[A]), SOON).await;
    load.0.warehouse.stage(B, MemoryFile::Denied);
    let ask = async |files: &[&str]| {
        let event = serde_json::from_value(serde_json::json!({ "files": files })).unwrap();
        load.handle(LambdaEvent::new(event, context())).await
    };
    assert_eq!(ask(&[A, B]).await.unwrap(), Answer::Done { unfinished: 1 });
    assert_eq!(load.0.warehouse.loaded(), [A]);
    let refused = ask(&["raw/v1/a"]).await.unwrap_err();
    assert!(matches!(refused, LoadError::File(_)));
}

fn found(rule: &str, severity: Option<Severity>) -> Finding {
    Finding {
        rule: rule.to_owned(),
        says: String::new(),
        broken: severity.map(|severity| Broken {
            severity,
            rows: Some(1),
            failure: None,
            sample: String::new(),
        }),
    }
}

#[tokio::test]
async fn a_check_counts_and_logs_broken_rules_and_warnings() {
    let faults = FaultInjector::default();
    let load = Load(loader(&faults));
    load.0.warehouse.find([
        found("kept", None),
        found("error", Some(Severity::Error)),
        found("warning", Some(Severity::Warn)),
        found("another", Some(Severity::Warn)),
    ]);
    let log = tempfile::NamedTempFile::new().unwrap();
    let lines = tracing_subscriber::fmt().with_writer(Mutex::new(log.reopen().unwrap()));
    let logging = tracing::subscriber::set_default(lines.with_ansi(false).finish());
    let schedule: Event = serde_json::from_str(r#"{"check": true}"#).unwrap();
    let answered = load
        .handle(LambdaEvent::new(schedule, context()))
        .await
        .unwrap();
    drop(logging);
    assert_eq!(answered, Answer::Checked { broken: 3 });
    assert_eq!(load.0.metrics.of("RulesBroken"), 1);
    assert_eq!(load.0.metrics.of("RulesWarned"), 2);
    let log = std::fs::read_to_string(log.path()).unwrap();
    let logged: Vec<_> = ["ERROR", "WARN", "rule=\"another\"", "rule=\"kept\""]
        .iter()
        .map(|text| log.lines().filter(|line| line.contains(text)).count())
        .collect();
    assert_eq!(logged, [1, 2, 1, 0], "{log}");
}
