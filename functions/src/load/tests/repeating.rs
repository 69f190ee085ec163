//! Tests of loaders that stop, are retried or run concurrently.

use proptest::prelude::*;

use super::*;
use crate::load::memory::MemoryRow;

#[tokio::test]
async fn a_loader_that_stops_at_any_call_and_restarts_loads_everything_once() {
    for after_effect in [false, true] {
        for calls in 1.. {
            let faults = FaultInjector::default();
            let loader = loader(&faults);
            faults.fail_after(calls, after_effect);
            let report = load(&loader, &[A, B]).await;
            let died = faults.has_stopped();
            faults.repair();
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
                assert!(calls > 7, "the faults never burnt");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_loader_that_stops_in_a_failing_load_and_restarts_with_other_groups_ends_the_same() {
    for calls in 1..40 {
        let faults = FaultInjector::default();
        let loader = loader(&faults);
        let conflict = Failure {
            position: 8,
            message: "1023 serializable".to_owned(),
            taken_at: None,
        };
        loader
            .warehouse
            .end_next([Outcome::Failed(conflict), Outcome::Aborted]);
        faults.fail_after(calls, calls % 2 == 0);
        load(&loader, &[A, B]).await;
        faults.repair();
        assert_eq!(load(&loader, &[B, C]).await, Report::default());
        assert_eq!(load(&loader, &[A]).await, Report::default());
        assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
        assert_eq!(loader.warehouse.rows(), merged(), "dies at call {calls}");
        assert_eq!(loader.warehouse.loaded(), [A, B, C]);
        assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
    }
}

#[tokio::test]
async fn two_loaders_of_the_same_files_at_once_run_one_statement() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    let (one, two) = tokio::join!(load(&loader, &[A, B]), load(&loader, &[B, A]));
    assert_eq!((one, two), (Report::default(), Report::default()));
    assert_eq!(loader.warehouse.statements(), 1);
    assert_eq!(loader.metrics.of("Loads"), 2, "both drove it");
}

#[tokio::test]
async fn two_loaders_at_once_whose_files_overlap_load_each_file_once() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    let (one, two) = tokio::join!(load(&loader, &[A, B]), load(&loader, &[B, C]));
    assert_eq!((one, two), (Report::default(), Report::default()));
    assert_eq!(
        loader.warehouse.statements(),
        3,
        "one of the first two was refused"
    );
    assert_eq!(loader.warehouse.loaded(), [A, B, C]);
    assert_eq!(loader.warehouse.rows(), merged());
    assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
}

#[tokio::test]
async fn a_load_that_overlaps_one_that_finished_meanwhile_loads_only_the_rest() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    // The other load is submitted but has not run when this one reads the ledger.
    let other = loads("staging", files(&[A, B])).remove(0);
    let attempt = transaction(&other, 1, "role").unwrap();
    let statement = loader
        .warehouse
        .submit(&attempt, Duration::ZERO)
        .await
        .unwrap();
    loader.load_table.claim(&other, NOW).await.unwrap();
    loader
        .load_table
        .record_statement(other.id(), 1, &statement)
        .await
        .unwrap();
    let racing = loads("staging", files(&[B, C])).remove(0);
    let cut = loader
        .warehouse
        .loaded_files(racing.files(), Duration::ZERO)
        .await
        .unwrap();
    assert!(cut.is_empty());
    loader
        .warehouse
        .wait(&statement, Duration::ZERO)
        .await
        .unwrap();
    let end = loader.drive(&racing, SOON).await.unwrap();
    assert_eq!(end, End::Overlap);
    assert_eq!(load(&loader, &[B, C]).await, Report::default());
    assert_eq!(loader.warehouse.rows(), merged());
    // The loader of the other load finds it done, and the reconciler closes the one that was given up.
    assert_eq!(loader.reconcile(SOON).await.unwrap(), Report::default());
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
}

const ROWS: [MemoryRow; 8] = [
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
    fn the_smallest_envelope_wins_in_any_order_and_grouping(
        order in Just((0..ROWS.len()).collect::<Vec<_>>()).prop_shuffle(),
        edges in prop::collection::vec(1..4usize, ROWS.len()),
    ) {
        let faults = FaultInjector::default();
        let loader = loader(&faults);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut order = order.as_slice();
        for (number, edge) in edges.into_iter().enumerate() {
            let (rows, rest) = order.split_at(edge.min(order.len()));
            order = rest;
            let key = format!("csv/v1/{number}.csv.gz");
            loader.warehouse.stage(&key, MemoryFile::Rows(rows.iter().map(|row| ROWS[*row]).collect()));
            runtime.block_on(load(&loader, &[&key]));
        }
        let expected: BTreeMap<_, _> = [
            ("e-1", ("a", "one")), ("e-2", ("a", "two")), ("e-3", ("c", "three")), ("e-4", ("a", "five")),
        ].into();
        prop_assert_eq!(loader.warehouse.rows(), expected);
    }
}
