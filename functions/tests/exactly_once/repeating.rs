//! Tests of loaders that are retried, run concurrently, or stop.

use functions::load::Report;
use functions::load::ports::TrackLoads as _;
use warehouse::load::{StagedFile, loads};

use crate::rig::{Rig, csv, faults, load, soon};

const A: &str = "csv/v1/dt=2026-01-02/a.csv.gz";
const B: &str = "csv/v1/dt=2026-01-02/b.csv.gz";
const C: &str = "csv/v1/dt=2026-01-02/c.csv.gz";

/// Stages files in which `e-1` is in A, with a smaller envelope id in B and with a greater one in C; `e-3` is in B and
/// C.
async fn staged() -> Rig {
    let rig = Rig::new().await;
    rig.stage(A, &[("e-1", "b", 10), ("e-2", "b", 2)]);
    rig.stage(B, &[("e-1", "a", 1), ("e-3", "a", 3)]);
    rig.stage(
        C,
        &[
            ("e-3", "a", 3),
            ("e-1", "c", 100),
            ("e-4", "c", 4),
            ("e-4", "c", 4),
        ],
    );
    rig
}

async fn assert_merged(rig: &Rig) {
    assert_eq!(rig.lines().await, ["e-1 1", "e-2 2", "e-3 3", "e-4 4"]);
    let totals = rig.totals().await;
    assert_eq!(
        (totals.order_lines, totals.units, totals.revenue.as_str()),
        (4, 10, "25.5000")
    );
    rig.assert_ledger_explains().await;
}

#[tokio::test]
async fn repeating_loads_in_any_order_and_grouping_changes_nothing() {
    let rig = staged().await;
    let loader = rig.loader();
    // Loads the files out of order.
    for keys in [&[C][..], &[A], &[B]] {
        assert_eq!(load(&loader, keys).await, Report::default());
    }
    assert_merged(&rig).await;
    let ledger = rig.ledger().await;
    assert_eq!(ledger, ["1 2 0 1 1 1", "1 2 1 1 0 1", "1 4 3 0 1 1"]);
    for keys in [&[A, B, C][..], &[B, A], &[C]] {
        // A loader without any state, as after the loss of table `load`.
        assert_eq!(load(&rig.loader(), keys).await, Report::default());
        assert_eq!(load(&loader, keys).await, Report::default());
    }
    assert_merged(&rig).await;
    assert_eq!(rig.ledger().await, ledger);
}

#[tokio::test]
async fn an_envelope_received_on_two_days_has_the_earlier_one_in_any_order_of_loads() {
    for keys in [[A, B], [B, A]] {
        let rig = Rig::new().await;
        let early = csv(&[("e-1", "a", 1)]);
        let late = early.replace("2026-01-02 03:04:05", "2026-01-03 03:04:05");
        rig.world.bucket().put_gzip(A, &early);
        rig.world.bucket().put_gzip(B, &late);
        rig.world.bucket().put_gzip(C, &early);
        let loader = rig.loader();
        for key in keys {
            assert_eq!(load(&loader, &[key]).await, Report::default());
        }
        let at = || rig.rows("SELECT event_id, CAST(ingested_at AS DATE) FROM retail.sales_line");
        assert_eq!(at().await, ["e-1 2026-01-02"]);
        // Both files in one load, with rows already in the table.
        assert_eq!(load(&loader, &[B, C]).await, Report::default());
        assert_eq!(at().await, ["e-1 2026-01-02"]);
        rig.assert_ledger_explains().await;
    }
}

#[tokio::test]
async fn two_concurrent_loaders_without_shared_state_load_each_file_once() {
    let rig = staged().await;
    let (one, two) = (rig.loader(), rig.loader());
    // The second loader is at another attempt, so its statement has another token and is a different statement.
    let files = [A, B, C].map(|key| StagedFile::at(key).unwrap());
    let same = loads("bucket", files).remove(0);
    let now = time::OffsetDateTime::now_utc();
    two.load_table.claim(&same, now).await.unwrap();
    two.load_table
        .begin_next_attempt(same.id(), 1, now)
        .await
        .unwrap();
    let (first, second) = tokio::join!(load(&one, &[A, B, C]), load(&two, &[C, A, B]));
    assert_eq!((first, second), (Report::default(), Report::default()));
    assert_merged(&rig).await;
    let ledger = rig.ledger().await;
    assert!(
        ledger == ["3 8 4 0 4 1"] || ledger == ["3 8 4 0 4 2"],
        "{ledger:?}"
    );
}

#[tokio::test]
async fn two_loaders_at_once_whose_files_overlap_load_each_file_once() {
    let rig = staged().await;
    let (one, two) = (rig.loader(), rig.loader());
    let (first, second) = tokio::join!(load(&one, &[A, B]), load(&two, &[B, C]));
    assert_eq!((first, second), (Report::default(), Report::default()));
    assert_merged(&rig).await;
    assert_eq!(rig.ledger().await.len(), 2);
}

#[tokio::test]
async fn a_loader_killed_at_any_step_and_started_again_loads_everything_once() {
    let rig = Rig::new().await;
    let loader = rig.loader();
    let mut loads = 0;
    for after_effect in [false, true] {
        for calls in 1.. {
            let name =
                |file: &str| format!("csv/v1/dt=2026-01-02/{after_effect}-{calls}-{file}.csv.gz");
            let event = |number: u32| format!("{after_effect}-{calls}-{number}");
            let (a, b) = (name("a"), name("b"));
            rig.stage(&a, &[(&event(1), "b", 10), (&event(2), "b", 2)]);
            rig.stage(&b, &[(&event(1), "a", 1)]);
            faults(&loader).fail_after(calls, after_effect);
            load(&loader, &[&a, &b]).await;
            let died = faults(&loader).has_stopped();
            faults(&loader).repair();
            // In half of the cases the queue redelivers the files; in the others the schedule reconciles the load.
            if calls % 2 == 0 {
                loader.reconcile(soon()).await.unwrap();
            }
            assert_eq!(load(&loader, &[&a, &b]).await, Report::default());
            loads += 1;
            let totals = rig.totals().await;
            assert_eq!(
                (totals.order_lines, totals.units),
                (2 * loads, 3 * loads),
                "killed at call {calls}"
            );
            if !died {
                assert!(calls > 7, "the loader was never killed");
                break;
            }
        }
    }
    assert_eq!(
        rig.ledger().await,
        vec!["2 3 2 0 1 1"; usize::try_from(loads).unwrap()]
    );
    rig.assert_ledger_explains().await;
}

#[tokio::test]
async fn two_concurrent_migrations_apply_each_migration_once() {
    let rig = Rig {
        world: crate::support::World::alone().await,
    };
    let (one, two) = tokio::join!(rig.migrate(), rig.migrate());
    let applied = one.unwrap().len() + two.unwrap().len();
    let ledger = rig
        .rows("SELECT COUNT(*), COUNT(DISTINCT version) FROM etl.migration")
        .await;
    assert_eq!(ledger, [format!("{applied} {applied}")]);
    assert_eq!(rig.migrate().await.unwrap(), []);
}
