use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Context, LambdaEvent};
use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;
use warehouse::load::{End, MAX_ATTEMPTS, Progress, StagedFile, loads, transaction};
use warehouse::{Failure, Outcome};

use super::memory::{Fuse, Notebook, TwinFile, TwinRow, Warehouse};
use super::notification::tests::created;
use super::ports::{RememberLoads as _, RunLoads as _};
use super::*;
use crate::memory::{Counter, Objects, StoppedClock};

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
const A: &str = "csv/v1/dt=2026-01-02/a.csv.gz";
const B: &str = "csv/v1/dt=2026-01-02/b.csv.gz";
const C: &str = "csv/v1/dt=2026-01-02/c.csv.gz";

type Twins<'a> = Loader<Warehouse<'a>, Notebook<'a>, Objects, StoppedClock, Counter>;

/// A loader with files A, B and C staged: `e-1` is in A and, of a smaller envelope, in B.
fn loader(fuse: &Fuse) -> Twins<'_> {
    let warehouse = Warehouse::behind(fuse);
    warehouse.stage(
        A,
        TwinFile::Rows(vec![("e-1", "m", "from m"), ("e-2", "m", "two")]),
    );
    warehouse.stage(
        B,
        TwinFile::Rows(vec![("e-1", "c", "from c"), ("e-3", "c", "three")]),
    );
    warehouse.stage(
        C,
        TwinFile::Rows(vec![("e-3", "c", "three"), ("e-1", "z", "from z")]),
    );
    Loader {
        warehouse,
        memory: Notebook::behind(fuse),
        staging: Objects::default(),
        clock: StoppedClock::at(NOW),
        metrics: Counter::default(),
        bucket: "staging".to_owned(),
        copy_role_arn: "arn:aws:iam::000000000000:role/copy".to_owned(),
    }
}

fn files(keys: &[&str]) -> Vec<StagedFile> {
    keys.iter()
        .map(|key| StagedFile::at(key).unwrap())
        .collect()
}

fn merged() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    [
        ("e-1", ("c", "from c")),
        ("e-2", ("m", "two")),
        ("e-3", ("c", "three")),
    ]
    .into()
}

async fn load(loader: &Twins<'_>, keys: &[&str]) -> Report {
    loader.load(files(keys), NOW).await
}

fn failed(keys: &[&str]) -> Report {
    let failed = keys.iter().map(|key| (*key).to_owned()).collect();
    Report {
        failed,
        ..Report::default()
    }
}

#[tokio::test]
async fn files_are_loaded_once_and_loading_them_again_runs_nothing() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    for _ in 0..3 {
        assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    }
    assert_eq!(loader.warehouse.rows(), merged());
    assert_eq!(loader.warehouse.statements(), 1);
    assert_eq!(loader.metrics.of("RowsStaged"), 6);
    assert_eq!(loader.metrics.of("RowsInserted"), 3);
    assert_eq!(loader.metrics.of("Duplicates"), 3);
    let load = loads("staging", files(&[A, B, C])).remove(0);
    assert_eq!(
        loader.staging.object(&load.manifest_key()).unwrap(),
        load.manifest().as_bytes()
    );
    assert_eq!(
        loader.memory.memory(load.id()).unwrap().progress,
        Progress::Done
    );
}

#[tokio::test]
async fn files_that_another_load_brought_are_left_out() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    load(&loader, &[A]).await;
    load(&loader, &[A, B]).await;
    load(&loader, &[C, B, A]).await;
    assert_eq!(loader.warehouse.rows(), merged());
    let sizes: Vec<_> = loader
        .warehouse
        .ledger()
        .iter()
        .map(|row| row.files)
        .collect();
    assert_eq!(sizes, [1, 1, 1]);
}

#[tokio::test]
async fn a_loader_that_dies_at_any_call_and_comes_again_loads_everything_once() {
    for after_effect in [false, true] {
        for calls in 1.. {
            let fuse = Fuse::default();
            let loader = loader(&fuse);
            fuse.burn_after(calls, after_effect);
            let report = load(&loader, &[A, B]).await;
            let died = fuse.is_burnt();
            fuse.mend();
            if died && !(after_effect && report == Report::default()) {
                assert_eq!(report, failed(&[A, B]), "dies at call {calls}");
            }
            assert_eq!(
                load(&loader, &[A, B]).await,
                Report::default(),
                "dies at call {calls}"
            );
            assert_eq!(load(&loader, &[C]).await, Report::default());
            assert_eq!(loader.warehouse.rows(), merged(), "dies at call {calls}");
            assert_eq!(loader.warehouse.ledger().len(), 2, "dies at call {calls}");
            assert_eq!(loader.warehouse.statements(), 2, "dies at call {calls}");
            if !died {
                assert!(calls > 7, "the fuse never burnt");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_loader_that_dies_in_a_failing_load_and_comes_with_other_edges_ends_the_same() {
    for calls in 1..40 {
        let fuse = Fuse::default();
        let loader = loader(&fuse);
        let conflict = Failure {
            position: 8,
            message: "1023 serializable".to_owned(),
        };
        loader
            .warehouse
            .end_next([Outcome::Failed(conflict), Outcome::Aborted]);
        fuse.burn_after(calls, calls % 2 == 0);
        load(&loader, &[A, B]).await;
        fuse.mend();
        assert_eq!(load(&loader, &[B, C]).await, Report::default());
        assert_eq!(load(&loader, &[A]).await, Report::default());
        assert_eq!(loader.reconcile(NOW).await.unwrap(), Report::default());
        assert_eq!(loader.warehouse.rows(), merged(), "dies at call {calls}");
        assert_eq!(loader.warehouse.loaded(), [A, B, C]);
        assert_eq!(loader.memory.unfinished().await.unwrap(), []);
    }
}

#[tokio::test]
async fn two_loaders_of_the_same_files_at_once_run_one_statement() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    let (one, two) = tokio::join!(load(&loader, &[A, B]), load(&loader, &[B, A]));
    assert_eq!((one, two), (Report::default(), Report::default()));
    assert_eq!(loader.warehouse.statements(), 1);
    assert_eq!(loader.metrics.of("Loads"), 2, "both drove it");
}

#[tokio::test]
async fn two_loaders_at_once_whose_files_overlap_load_each_file_once() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    let (one, two) = tokio::join!(load(&loader, &[A, B]), load(&loader, &[B, C]));
    assert_eq!((one, two), (Report::default(), Report::default()));
    assert_eq!(
        loader.warehouse.statements(),
        3,
        "one of the first two was refused"
    );
    assert_eq!(loader.warehouse.loaded(), [A, B, C]);
    assert_eq!(loader.warehouse.rows(), merged());
    assert_eq!(loader.reconcile(NOW).await.unwrap(), Report::default());
    assert_eq!(loader.memory.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn a_load_whose_files_another_brought_meanwhile_fails_and_takes_the_rest() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    // The other load is submitted but has not run when this one looks for loaded files.
    let other = loads("staging", files(&[A, B])).remove(0);
    let attempt = transaction(&other, 1, "role").unwrap();
    let statement = loader.warehouse.submit(&attempt).await.unwrap();
    loader.memory.claim(&other).await.unwrap();
    loader.memory.note(other.id(), 1, &statement).await.unwrap();
    let racing = loads("staging", files(&[B, C])).remove(0);
    let cut = loader.warehouse.loaded_files(racing.files()).await.unwrap();
    assert!(cut.is_empty());
    loader
        .warehouse
        .wait(&statement, Duration::ZERO)
        .await
        .unwrap();
    let end = loader.drive(&racing, NOW).await.unwrap();
    assert_eq!(end, End::Recut);
    assert_eq!(load(&loader, &[B, C]).await, Report::default());
    assert_eq!(loader.warehouse.rows(), merged());
    // Who began the other load finds it done, and the reconciler closes what was given up.
    assert_eq!(loader.reconcile(NOW).await.unwrap(), Report::default());
    assert_eq!(loader.memory.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn conflicts_are_tried_again_with_pauses_and_a_lasting_failure_comes_again_later() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    let failure = || {
        Outcome::Failed(Failure {
            position: 8,
            message: "1023".to_owned(),
        })
    };
    loader.warehouse.end_next([failure(), Outcome::Aborted]);
    assert_eq!(load(&loader, &[A]).await, Report::default());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 3);
    assert_eq!(
        loader.clock.pauses(),
        [500, 1000].map(Duration::from_millis)
    );

    loader
        .warehouse
        .end_next((0..MAX_ATTEMPTS).map(|_| failure()));
    assert_eq!(load(&loader, &[B]).await, failed(&[B]));
    assert_eq!(load(&loader, &[B]).await, Report::default());
    assert_eq!(loader.warehouse.ledger().len(), 2);
}

#[tokio::test]
async fn a_file_that_copy_names_is_set_aside_with_its_reason_and_the_rest_is_loaded() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    loader.warehouse.stage(B, TwinFile::Corrupt);
    assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, C]);
    let reason = "line 7, column quantity: Invalid digit".to_owned();
    assert_eq!(loader.memory.aside(), [(B.to_owned(), reason)].into());
    assert_eq!(loader.metrics.of("FilesSetAside"), 1);
    assert_eq!(load(&loader, &[B]).await, Report::default());
}

#[tokio::test]
async fn a_file_that_copy_refuses_without_a_name_is_found_by_halves_and_comes_again() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    loader.warehouse.stage(B, TwinFile::Unnamed);
    assert_eq!(load(&loader, &[A, B, C]).await, failed(&[B]));
    assert_eq!(loader.warehouse.loaded(), [A, C]);
    assert_eq!(loader.memory.aside(), BTreeMap::new());
}

#[tokio::test]
async fn a_load_that_outlasts_the_function_is_finished_by_the_reconciler() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    loader.warehouse.be_slow(true);
    let report = load(&loader, &[A, B]).await;
    assert_eq!(report.running.len(), 2);
    assert_eq!(report.failed.len(), 0);
    assert_eq!(loader.metrics.of("LoadsLeftRunning"), 1);
    loader.warehouse.be_slow(false);
    assert_eq!(loader.reconcile(NOW).await.unwrap(), Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, B]);
    assert_eq!(loader.warehouse.statements(), 1);
}

#[tokio::test]
async fn a_forgotten_statement_is_asked_of_the_ledger_and_submitted_once_more() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    loader.warehouse.be_slow(true);
    load(&loader, &[A]).await;
    loader.warehouse.be_slow(false);
    loader.warehouse.forget();
    assert_eq!(load(&loader, &[A]).await, Report::default());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 1);
}

#[tokio::test]
async fn a_warehouse_that_lost_its_tables_is_loaded_anew_when_files_come_again() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    load(&loader, &[A, B, C]).await;
    loader.warehouse.put_back();
    assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    assert_eq!(loader.warehouse.rows(), merged());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 2);
}

fn message(id: &str, body: String) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(id.to_owned());
    message.body = Some(body);
    message
}

async fn answer(loader: Twins<'_>, messages: Vec<SqsMessage>) -> serde_json::Value {
    let mut batch = SqsEvent::default();
    batch.records = messages;
    let event = LambdaEvent::new(Event::Queue(batch), Context::default());
    serde_json::to_value(Load(loader).handle(event).await.unwrap()).unwrap()
}

#[tokio::test]
async fn only_messages_whose_files_failed_come_again() {
    let fuse = Fuse::default();
    let loader = loader(&fuse);
    loader.warehouse.stage(B, TwinFile::Unnamed);
    let messages = vec![
        message("good", created(A)),
        message("bad", created(B)),
        message("no notification", "{}".to_owned()),
        message(
            "test",
            include_str!("../../tests/fixtures/s3-test-event.json").to_owned(),
        ),
    ];
    let expected = serde_json::json!({"batchItemFailures": [
        {"itemIdentifier": "bad"}, {"itemIdentifier": "no notification"},
    ]});
    assert_eq!(answer(loader, messages).await, expected);
}

#[tokio::test]
async fn the_schedule_asks_for_reconciliation_and_the_queue_for_loads() {
    let queue: Event = serde_json::from_str(r#"{"Records": []}"#).unwrap();
    assert!(matches!(queue, Event::Queue(_)));
    let schedule: Event = serde_json::from_str(r#"{"reconcile": true}"#).unwrap();
    let fuse = Fuse::default();
    let load = Load(loader(&fuse));
    let answered = load
        .handle(LambdaEvent::new(schedule, Context::default()))
        .await
        .unwrap();
    assert_eq!(answered, Answer::Reconciled { unfinished: 0 });
}

const ROWS: [TwinRow; 8] = [
    ("e-1", "a", "one"),
    ("e-1", "b", "other"),
    ("e-1", "b", "other"),
    ("e-2", "b", "two"),
    ("e-2", "a", "two"),
    ("e-3", "c", "three"),
    ("e-3", "d", "four"),
    ("e-4", "a", "five"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_the_order_and_the_edges_the_smallest_envelope_wins(
        order in Just((0..ROWS.len()).collect::<Vec<_>>()).prop_shuffle(),
        edges in prop::collection::vec(1..4usize, ROWS.len()),
    ) {
        let fuse = Fuse::default();
        let loader = loader(&fuse);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut order = order.as_slice();
        for (number, edge) in edges.into_iter().enumerate() {
            let (rows, rest) = order.split_at(edge.min(order.len()));
            order = rest;
            let key = format!("csv/v1/{number}.csv.gz");
            loader.warehouse.stage(&key, TwinFile::Rows(rows.iter().map(|row| ROWS[*row]).collect()));
            runtime.block_on(load(&loader, &[&key]));
        }
        let expected: BTreeMap<_, _> = [
            ("e-1", ("a", "one")), ("e-2", ("a", "two")), ("e-3", ("c", "three")), ("e-4", ("a", "five")),
        ].into();
        prop_assert_eq!(loader.warehouse.rows(), expected);
    }
}
