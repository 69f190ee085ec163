//! Tests of loading with the in-memory ports.

mod handling;
mod quarantine;
mod repeating;

use std::collections::BTreeMap;
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::datetime;
use warehouse::load::{
    End, LoadId, MANY_ATTEMPTS, MAX_ATTEMPTS, Progress, StagedFile, loads, transaction,
};
use warehouse::{Failure, Outcome};

use crate::load::memory::{FaultInjector, LoadTable, MemoryFile, Warehouse};
use crate::load::ports::{RunLoads as _, TrackLoads as _};
use crate::load::*;
use crate::memory::{Counter, Objects, StoppedClock};

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
/// A time later than any load here needs.
const SOON: OffsetDateTime = datetime!(2026-01-02 03:05:05 UTC);
const A: &str = "csv/v1/dt=2026-01-02/a.csv.gz";
const B: &str = "csv/v1/dt=2026-01-02/b.csv.gz";
const C: &str = "csv/v1/dt=2026-01-02/c.csv.gz";

type MemoryLoader<'a> = Loader<Warehouse<'a>, LoadTable<'a>, Objects, StoppedClock, Counter>;

/// Returns a loader with the staged files A, B and C. `e-1` is in A and, with a smaller envelope id, in B.
fn loader(faults: &FaultInjector) -> MemoryLoader<'_> {
    let warehouse = Warehouse::with_faults(faults);
    warehouse.stage(
        A,
        MemoryFile::Rows(vec![("e-1", "m", "from m"), ("e-2", "m", "two")]),
    );
    warehouse.stage(
        B,
        MemoryFile::Rows(vec![("e-1", "c", "from c"), ("e-3", "c", "three")]),
    );
    warehouse.stage(
        C,
        MemoryFile::Rows(vec![("e-3", "c", "three"), ("e-1", "z", "from z")]),
    );
    Loader {
        warehouse,
        load_table: LoadTable::with_faults(faults),
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

async fn load(loader: &MemoryLoader<'_>, keys: &[&str]) -> Report {
    loader.load(files(keys), SOON).await
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
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    for _ in 0..3 {
        assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    }
    assert_eq!(loader.warehouse.rows(), merged());
    assert_eq!(loader.warehouse.statements(), 1);
    assert_eq!(loader.metrics.of("RowsStaged"), 6);
    assert_eq!(loader.metrics.of("RowsInserted"), 3);
    assert_eq!(loader.metrics.of("Duplicates"), 3);
    assert_eq!(loader.metrics.of("FreshnessSeconds"), 5);
    assert_eq!(
        loader.metrics.values("EventAgeMilliseconds"),
        [2_000, 5_000]
    );
    let load = loads("staging", files(&[A, B, C])).remove(0);
    assert_eq!(
        loader.staging.object(&load.manifest_key()).unwrap(),
        load.manifest().as_bytes()
    );
    assert_eq!(
        loader.load_table.state(load.id()).unwrap().progress,
        Progress::Done
    );
}

#[tokio::test]
async fn files_of_another_finished_load_are_skipped() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
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

fn conflict() -> Outcome {
    Outcome::Failed(Failure {
        position: 8,
        message: "1023".to_owned(),
        taken_at: None,
    })
}

#[tokio::test]
async fn no_attempt_begins_after_the_deadline() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.end_next((0..3).map(|_| conflict()));
    // The pause before the second attempt is longer than this.
    let until = NOW + Duration::from_millis(400);
    let report = loader.load(files(&[A]), until).await;
    assert_eq!((report.running.len(), report.failed.len()), (1, 0));
    assert_eq!(loader.warehouse.statements(), 2);
}

#[tokio::test]
async fn conflicts_are_retried_with_backoff_and_a_lasting_failure_is_retried_by_the_queue() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.end_next([conflict(), Outcome::Aborted]);
    assert_eq!(load(&loader, &[A]).await, Report::default());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 3);
    assert_eq!(
        loader.clock.pauses(),
        [500, 1000].map(Duration::from_millis)
    );

    loader
        .warehouse
        .end_next((0..MAX_ATTEMPTS).map(|_| conflict()));
    assert_eq!(load(&loader, &[B]).await, failed(&[B]));
    assert_eq!(load(&loader, &[B]).await, Report::default());
    assert_eq!(loader.warehouse.ledger().len(), 2);
}

#[tokio::test]
async fn a_load_that_the_role_may_not_read_is_retried_whole_and_never_halved() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Denied);
    assert_eq!(load(&loader, &[A, B, C]).await, failed(&[A, B, C]));
    let attempts = usize::try_from(MAX_ATTEMPTS).unwrap();
    assert_eq!(loader.warehouse.statements(), attempts);
    assert_eq!(loader.load_table.quarantined(), BTreeMap::new());
}

#[tokio::test]
async fn a_load_that_runs_longer_than_the_function_is_finished_by_the_reconciler() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.be_slow(true);
    let report = load(&loader, &[A, B]).await;
    assert_eq!(report.running.len(), 2);
    assert_eq!(report.failed.len(), 0);
    assert_eq!(loader.metrics.of("LoadsLeftRunning"), 1);
    assert_eq!(loader.reconcile(SOON).await.unwrap().running.len(), 2);
    assert_eq!(loader.metrics.of("OpenLoads"), 1);
    loader.warehouse.be_slow(false);
    assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, B]);
    assert_eq!(loader.warehouse.statements(), 1);
}

#[tokio::test]
async fn a_locked_ledger_is_waited_for_until_the_deadline_only() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.be_slow(true);
    load(&loader, &[A, B]).await;
    let reads = loader.warehouse.reads();
    // The load of the same files is running, so the ledger is not even read.
    let report = load(&loader, &[A, B]).await;
    assert_eq!((report.running.len(), report.failed.len()), (2, 0));
    assert_eq!(loader.warehouse.reads(), reads);
    // A load that shares one file with it is acknowledged and recorded in table `load`.
    let report = load(&loader, &[B, C]).await;
    assert_eq!((report.running.len(), report.failed.len()), (2, 0));
    loader.warehouse.be_slow(false);
    assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, B, C]);
    assert_eq!(loader.warehouse.statements(), 2);
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn no_load_starts_after_the_deadline_and_the_reconciler_starts_it() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    let report = loader.load(files(&[A, B]), NOW).await;
    assert_eq!((report.running.len(), report.failed.len()), (2, 0));
    assert_eq!(loader.warehouse.statements() + loader.warehouse.reads(), 0);
    assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, B]);
}

#[tokio::test]
async fn a_load_that_fails_for_an_external_cause_stays_open_and_its_age_is_counted() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Denied);
    load(&loader, &[A, B]).await;
    let later = SOON + Duration::from_hours(1);
    for _ in 0..2 * MANY_ATTEMPTS / MAX_ATTEMPTS {
        assert_eq!(loader.reconcile(later).await.unwrap(), failed(&[A, B]));
    }
    assert_eq!(loader.load_table.quarantined(), BTreeMap::new());
    assert!(loader.metrics.of("OldestOpenLoadSeconds") > 60);
    // The cause is fixed.
    let rows = vec![("e-3", "c", "three")];
    loader.warehouse.stage(B, MemoryFile::Rows(rows));
    assert_eq!(loader.reconcile(later).await.unwrap(), Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, B]);
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn an_unknown_failure_finally_keeps_only_its_own_file_open() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Odd);
    let later = SOON + Duration::from_hours(1);
    load(&loader, &[A, B]).await;
    for _ in 0..2 * MANY_ATTEMPTS / MAX_ATTEMPTS {
        loader.reconcile(later).await.unwrap();
    }
    assert_eq!(loader.warehouse.loaded(), [A]);
    assert_eq!(loader.load_table.quarantined(), BTreeMap::new());
    let open = loader.load_table.unfinished().await.unwrap();
    assert_eq!(open[0].files, [B]);
}

#[tokio::test]
async fn the_reconciler_finishes_running_loads_before_it_starts_others() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.be_slow(true);
    load(&loader, &[B]).await;
    loader.warehouse.be_slow(false);
    loader.load_table.abandon(&LoadId("0".to_owned()), &[A]);
    // The running load has ended by then, and another one would not have.
    faults.fail_after(6, false);
    assert!(loader.reconcile(SOON).await.is_err());
    assert_eq!(loader.warehouse.loaded(), [B]);
}

#[tokio::test]
async fn a_load_of_a_newer_function_stays_open_and_the_others_are_finished() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    let newer = LoadId("0123".to_owned());
    loader.load_table.abandon(&newer, &["csv/v99/a.csv.gz"]);
    loader.load_table.abandon(&LoadId("4567".to_owned()), &[A]);
    let report = loader.reconcile(SOON).await.unwrap();
    assert_eq!(report, failed(&["csv/v99/a.csv.gz"]));
    assert_eq!(loader.warehouse.loaded(), [A]);
    let open = loader.load_table.unfinished().await.unwrap();
    assert_eq!(
        open.iter().map(|load| &load.id).collect::<Vec<_>>(),
        [&newer]
    );
}

#[tokio::test]
async fn a_claimed_load_is_closed_if_other_loads_have_loaded_its_files() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    load(&loader, &[A]).await;
    load(&loader, &[B]).await;
    let both = loads("staging", files(&[A, B])).remove(0);
    loader.load_table.abandon(both.id(), &[A, B]);
    assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
    assert_eq!(loader.warehouse.statements(), 2);
}

#[tokio::test]
async fn a_claimed_load_is_closed_when_the_rest_of_its_files_is_loaded() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    load(&loader, &[A]).await;
    let both = loads("staging", files(&[A, B])).remove(0);
    loader.load_table.abandon(both.id(), &[A, B]);
    assert_eq!(load(&loader, &[A, B]).await, Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, B]);
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn a_forgotten_statement_is_looked_up_in_the_ledger_and_submitted_again() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.be_slow(true);
    load(&loader, &[A]).await;
    loader.warehouse.be_slow(false);
    loader.warehouse.forget();
    assert_eq!(load(&loader, &[A]).await, Report::default());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 1);
}

#[tokio::test]
async fn a_statement_that_only_an_older_role_may_see_is_given_up_for_the_next_attempt() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.end_next([Outcome::Lost]);
    assert_eq!(load(&loader, &[A]).await, Report::default());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 2);
}

#[tokio::test]
async fn a_warehouse_that_lost_its_tables_is_loaded_again_when_files_are_redelivered() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    load(&loader, &[A, B, C]).await;
    loader.warehouse.put_back();
    assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    assert_eq!(loader.warehouse.rows(), merged());
    assert_eq!(loader.warehouse.ledger()[0].attempt, 2);
}
