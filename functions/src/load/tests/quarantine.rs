//! Tests of files and rows that the warehouse rejects.

use super::*;
use crate::gzip;
use crate::load::isolate::isolate;

/// Returns the only reject of file `B`.
fn reject_of_b(loader: &MemoryLoader<'_>) -> serde_json::Value {
    let reject = loader
        .staging
        .object("rejects/load/csv/v1/dt=2026-01-02/b.ndjson")
        .unwrap();
    serde_json::from_slice(&reject).unwrap()
}

#[tokio::test]
async fn a_file_that_copy_reports_is_quarantined_with_its_reason_and_the_rest_is_loaded() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Corrupt);
    assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, C]);
    let reason = "line 7, column quantity: Invalid digit".to_owned();
    assert_eq!(
        loader.load_table.quarantined(),
        [(B.to_owned(), reason)].into()
    );
    // The file does not exist, so no row of it can be kept.
    let reject = reject_of_b(&loader);
    assert_eq!(
        [&reject["stage"], &reject["reason"], &reject["field"]],
        ["load", "set_aside", "file"]
    );
    assert_eq!(reject["detail"], "line 7, column quantity: Invalid digit");
    assert_eq!(reject["record"], "csv/v1/dt=2026-01-02/b.csv.gz");
    assert_eq!(loader.metrics.of("FilesSetAside"), 1);
    assert_eq!(loader.load_table.unfinished().await.unwrap(), []);
    assert_eq!(load(&loader, &[B]).await, Report::default());
}

#[tokio::test]
async fn a_rejected_file_that_copy_does_not_name_is_found_by_halving_and_quarantined() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Unnamed);
    assert_eq!(load(&loader, &[A, B, C]).await, Report::default());
    assert_eq!(loader.warehouse.loaded(), [A, C]);
    assert_eq!(
        loader
            .load_table
            .quarantined()
            .into_keys()
            .collect::<Vec<_>>(),
        [B]
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_loaded_yet_keeps_only_its_own_load_open() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Unnamed);
    loader.warehouse.stage(C, MemoryFile::Denied);
    assert_eq!(load(&loader, &[A, B, C]).await, failed(&[C]));
    let open = loader.load_table.unfinished().await.unwrap();
    let files: Vec<_> = open.iter().map(|load| load.files.as_slice()).collect();
    assert_eq!(files, [[C.to_owned()]]);
}

#[tokio::test]
async fn a_row_that_copy_reports_is_kept_and_the_other_rows_are_loaded_from_a_new_file() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    let file = gzip::compress(b"event_id,quantity\ne-1,1\ne-2,2\ne-3,3\ne-4,4\ne-5,5\ne-6,six\n");
    let part = isolate(&file, &[7].into()).unwrap().parts.remove(0);
    let rest = format!("csv/v1/dt=2026-01-02/{}.csv.gz", part.name);
    loader.staging.insert(B, file);
    loader.warehouse.stage(B, MemoryFile::Corrupt);
    loader
        .warehouse
        .stage(&rest, MemoryFile::Rows(vec![("e-3", "c", "three")]));
    assert_eq!(load(&loader, &[A, B]).await, Report::default());
    assert_eq!(loader.warehouse.loaded().len(), 2);
    assert!(loader.warehouse.loaded().contains(&rest));
    assert_eq!(loader.staging.object(&rest).unwrap(), part.bytes);
    let reject = reject_of_b(&loader);
    assert_eq!(
        [&reject["reason"], &reject["field"], &reject["detail"]],
        ["copy_refused", "quantity", "Invalid digit"]
    );
    assert_eq!([&reject["event_id"], &reject["record"]], ["e-6", "e-6,six"]);
    assert_eq!(reject["position"], format!("{B}, line 7"));
    assert_eq!(loader.metrics.of("FilesSplit"), 1);
    assert_eq!(loader.metrics.of("RowsSetAside"), 1);
    assert_eq!(loader.metrics.of("FilesSetAside"), 0);
}

#[tokio::test]
async fn a_rejected_file_that_cannot_be_read_is_retried_and_not_quarantined() {
    let faults = FaultInjector::default();
    let loader = loader(&faults);
    loader.warehouse.stage(B, MemoryFile::Corrupt);
    loader.staging.fail(B);
    assert_eq!(load(&loader, &[A, B]).await, failed(&[A, B]));
    assert_eq!(loader.load_table.quarantined(), BTreeMap::new());
    loader.staging.mend();
    assert_eq!(load(&loader, &[A, B]).await, Report::default());
    assert_eq!(loader.warehouse.loaded(), [A]);
}
