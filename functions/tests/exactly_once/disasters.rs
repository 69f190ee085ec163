//! Tests of failures while a load runs.

use functions::load::Report;

use crate::rig::{RealLoader, Rig, load};

const A: &str = "csv/v1/dt=2026-01-02/a.csv.gz";
const B: &str = "csv/v1/dt=2026-01-02/b.csv.gz";

async fn staged() -> Rig {
    let rig = Rig::new().await;
    rig.stage(A, &[("e-1", "b", 1), ("e-2", "b", 2)]);
    rig.stage(B, &[("e-3", "b", 3)]);
    rig
}

/// Loads until nothing has to be retried, as the queue does. The ledger then has both files once.
async fn load_to_the_end(rig: &Rig, loader: &RealLoader<'_>) {
    let mut left = load(loader, &[A, B]).await;
    for _ in 0..5 {
        if left == Report::default() {
            break;
        }
        left = load(loader, &[A, B]).await;
    }
    assert_eq!(left, Report::default());
    assert_eq!(rig.lines().await, ["e-1 1", "e-2 2", "e-3 3"]);
    assert_eq!(
        loader.load_table.quarantined().len(),
        0,
        "{:?}",
        loader.load_table.quarantined()
    );
    rig.assert_ledger_explains().await;
}

#[tokio::test]
async fn a_postgresql_killed_in_the_middle_of_a_copy_leaves_nothing_and_the_files_come_again() {
    let rig = staged().await;
    let gate = rig.world.bucket().hold(B);
    let loader = rig.loader();
    let kill = async {
        gate.reached().await;
        wait_for(&rig, "query LIKE 'COPY %' AND state = 'active'").await;
        rig.world.postgres().kill().await;
        gate.open();
    };
    tokio::join!(load(&loader, &[A, B]), kill);
    load_to_the_end(&rig, &loader).await;
}

#[tokio::test]
async fn a_postgresql_killed_in_the_middle_of_a_commit_leaves_nothing_and_the_files_come_again() {
    let rig = staged().await;
    let connection = rig.world.postgres().connect(rig.world.database()).await;
    // A deferred trigger makes COMMIT wait for a lock that this session holds.
    connection
        .batch_execute(
            "SELECT pg_advisory_lock(1); \
             CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS \
             $$BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END$$; \
             CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON etl.load DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION hold()",
        )
        .await
        .unwrap();
    let loader = rig.loader();
    let kill = async {
        wait_for(&rig, "query = 'COMMIT' AND wait_event = 'advisory'").await;
        rig.world.postgres().kill().await;
    };
    tokio::join!(load(&loader, &[A, B]), kill);
    load_to_the_end(&rig, &loader).await;
}

#[tokio::test]
async fn a_row_changed_by_another_while_it_is_merged_is_error_1023_and_a_new_attempt() {
    let rig = staged().await;
    let loader = rig.loader();
    assert_eq!(load(&loader, &[A]).await, Report::default());
    rig.stage(B, &[("e-1", "a", 10)]);
    let gate = rig.world.bucket().hold(B);
    let change = async {
        gate.reached().await;
        let sql = "UPDATE retail.sales_line SET quantity = quantity + 5";
        rig.admin().query("test", sql).await.unwrap();
        gate.open();
    };
    let (report, ()) = tokio::join!(load(&loader, &[B]), change);
    assert_eq!(report, Report::default());
    assert_eq!(rig.lines().await, ["e-1 10", "e-2 7"]);
    assert_eq!(rig.ledger().await, ["1 1 0 1 0 2", "1 2 2 0 0 1"]);
    rig.assert_ledger_explains().await;
}

/// Waits until a PostgreSQL session matches `condition`.
async fn wait_for(rig: &Rig, condition: &str) {
    let connection = rig.world.postgres().connect("postgres").await;
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE {condition}");
    loop {
        let count: i64 = connection.query_one(&sql, &[]).await.unwrap().get(0);
        if count > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}
