//! Tests of the ages of events in the ledger, from which the latency is computed.

use functions::load::Report;

use crate::rig::{Rig, csv, load};

const FIRST: &str = "csv/v1/dt=2026-01-02/first.csv.gz";
const SECOND: &str = "csv/v1/dt=2026-01-02/second.csv.gz";

/// Returns a file with `rows` rows, each a second younger than the one before.
fn file(rows: usize) -> String {
    let text = csv(&vec![("e-0", "a", 1); rows]);
    let line = |(n, line): (usize, &str)| {
        let (minute, second) = (n / 60, n % 60);
        let line = line.replace("e-0,", &format!("e-{n},"));
        line.replace("03:04:05", &format!("03:{minute:02}:{second:02}")) + "\n"
    };
    // Line 0 is the header, which has no time.
    text.lines().enumerate().map(line).collect()
}

/// Returns the ages of the newest load, less the age of its youngest row.
async fn ages(rig: &Rig) -> Vec<u64> {
    let newest = rig.admin().newest_loads(1).await.unwrap().remove(0);
    let sql = "SELECT DATEDIFF(second, max_ingested_at, finished_at) FROM etl.load \
               ORDER BY finished_at DESC LIMIT 1";
    let youngest: u64 = rig.rows(sql).await[0].parse().unwrap();
    newest.event_ages.iter().map(|age| age - youngest).collect()
}

#[tokio::test]
async fn the_ledger_has_the_age_of_each_new_row() {
    let rig = Rig::new().await;
    rig.world.bucket().put_gzip(FIRST, &file(3));
    let loader = rig.loader();
    assert_eq!(load(&loader, &[FIRST]).await, Report::default());
    assert_eq!(ages(&rig).await, [0, 1, 2]);
    assert_eq!(loader.metrics.values("EventAgeMilliseconds").len(), 3);
    // Only the fourth row is new.
    rig.world.bucket().put_gzip(SECOND, &file(4));
    assert_eq!(load(&loader, &[SECOND]).await, Report::default());
    let loads = rig.admin().newest_loads(10).await.unwrap();
    let mut new: Vec<_> = loads.iter().map(|load| load.event_ages.len()).collect();
    new.sort_unstable();
    assert_eq!(new, [1, 3]);
}

#[tokio::test]
async fn of_many_rows_the_ledger_has_the_greatest_age_of_each_hundredth() {
    let rig = Rig::new().await;
    rig.world.bucket().put_gzip(FIRST, &file(250));
    assert_eq!(load(&rig.loader(), &[FIRST]).await, Report::default());
    let ages = ages(&rig).await;
    assert_eq!(ages.len(), 100);
    assert_eq!((ages[0], ages[49], ages[98], ages[99]), (2, 124, 247, 249));
}

#[tokio::test]
async fn a_load_without_new_rows_has_no_ages() {
    let rig = Rig::new().await;
    for key in [FIRST, SECOND] {
        rig.world.bucket().put_gzip(key, &file(3));
    }
    let loader = rig.loader();
    assert_eq!(load(&loader, &[FIRST]).await, Report::default());
    assert_eq!(load(&loader, &[SECOND]).await, Report::default());
    assert_eq!(loader.metrics.values("EventAgeMilliseconds").len(), 3);
}
