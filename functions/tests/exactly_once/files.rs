//! Files that the warehouse refuses, among good ones.

use functions::load::Report;

use crate::rig::{Rig, csv, load};

const GOOD: &str = "csv/v1/dt=2026-01-02/good.csv.gz";
const BAD: &str = "csv/v1/dt=2026-01-02/bad.csv.gz";
const LAST: &str = "csv/v1/dt=2026-01-02/last.csv.gz";

/// Loads the bad file among two good ones and gives the reason for which it was set aside.
async fn reason(rig: &Rig) -> String {
    rig.stage(GOOD, &[("e-1", "a", 1)]);
    rig.stage(LAST, &[("e-2", "a", 2)]);
    let loader = rig.loader();
    assert_eq!(load(&loader, &[GOOD, BAD, LAST]).await, Report::default());
    assert_eq!(rig.lines().await, ["e-1 1", "e-2 2"]);
    rig.assert_ledger_explains().await;
    let aside = loader.memory.aside();
    assert_eq!(aside.keys().collect::<Vec<_>>(), [BAD]);
    // Again, by a loader that knows nothing: the same reason, and nothing new in the table.
    let other = rig.loader();
    assert_eq!(load(&other, &[GOOD, BAD, LAST]).await, Report::default());
    assert_eq!(other.memory.aside(), aside);
    assert_eq!(rig.lines().await.len(), 2);
    aside[BAD].clone()
}

#[tokio::test]
async fn a_row_that_is_no_number_is_named_by_line_and_column() {
    let rig = Rig::new().await;
    let text = csv(&[("e-8", "a", 8), ("e-9", "a", 9)]).replace(",9,", ",nine,");
    rig.world.bucket().put_gzip(BAD, &text);
    let reason = reason(&rig).await;
    assert!(reason.starts_with("line 3, column quantity: "), "{reason}");
}

#[tokio::test]
async fn a_text_that_fits_in_characters_and_not_in_bytes_is_refused() {
    let rig = Rig::new().await;
    let text = csv(&[("e-9", "a", 9)]).replace("HEART", &"£".repeat(129));
    rig.world.bucket().put_gzip(BAD, &text);
    let reason = reason(&rig).await;
    assert_eq!(
        reason,
        "line 2, column description: String length exceeds DDL length"
    );
}

#[tokio::test]
async fn a_text_that_fills_its_column_to_the_last_byte_is_loaded() {
    let rig = Rig::new().await;
    let text = csv(&[("e-9", "a", 9)]).replace("HEART", &"£".repeat(128));
    rig.world.bucket().put_gzip(BAD, &text);
    let loader = rig.loader();
    assert_eq!(load(&loader, &[BAD]).await, Report::default());
    let length = rig
        .rows("SELECT OCTET_LENGTH(description) FROM retail.sales_line")
        .await;
    assert_eq!(length, ["256"]);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_set_aside() {
    let rig = Rig::new().await;
    rig.world
        .bucket()
        .put_gzip("whole", &csv(&[("e-9", "a", 9); 99]));
    let whole = rig.world.bucket().get("whole").unwrap();
    rig.world.bucket().put(BAD, whole.slice(..whole.len() / 2));
    let reason = reason(&rig).await;
    assert!(reason.contains(BAD), "{reason}");
}

#[tokio::test]
async fn a_file_that_is_gone_is_set_aside() {
    let rig = Rig::new().await;
    let reason = reason(&rig).await;
    assert!(reason.contains("NoSuchKey"), "{reason}");
}

#[tokio::test]
async fn what_an_earlier_copy_had_against_a_file_is_not_held_against_it_again() {
    let rig = Rig::new().await;
    rig.stage(GOOD, &[("e-1", "a", 1)]);
    let text = csv(&[("e-9", "a", 9)]);
    rig.world
        .bucket()
        .put_gzip(BAD, &text.replace(",9,", ",nine,"));
    assert_eq!(load(&rig.loader(), &[BAD]).await, Report::default());
    // The file was mended; now another of the same load is refused.
    rig.world.bucket().put_gzip(BAD, &text);
    rig.world
        .bucket()
        .put_gzip(LAST, &csv(&[("e-8", "a", 8)]).replace(",8,", ",eight,"));
    let loader = rig.loader();
    assert_eq!(load(&loader, &[GOOD, BAD, LAST]).await, Report::default());
    assert_eq!(loader.memory.aside().keys().collect::<Vec<_>>(), [LAST]);
    assert_eq!(rig.lines().await, ["e-1 1", "e-9 9"]);
}
