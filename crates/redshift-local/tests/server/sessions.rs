//! Sessions.

use aws_sdk_redshiftdata::error::ProvideErrorMetadata;
use aws_sdk_redshiftdata::types::SessionStatusString;

use crate::support::{CLUSTER, World};

/// Runs long enough to be observed and cancelled.
const LONG: &str = "select count(*) from pg_class a, pg_class b, pg_class c, pg_class d";

#[tokio::test]
async fn a_session_keeps_temporary_tables_and_its_transaction() {
    let world = World::new().await;
    let session = world
        .open_session("create temp table t as select 5 as n")
        .await;
    for sql in ["begin", "insert into t values (6)", "rollback"] {
        world.run_in(&session, sql).await;
    }
    let sum = world.run_in(&session, "select sum(n) from t").await;
    assert_eq!(world.result(sum.id()).await, [["5"]]);
    let gone = world.run("select * from t").await;
    assert_eq!(gone.error(), Some("ERROR: relation \"t\" does not exist"));
}

#[tokio::test]
async fn a_session_runs_one_statement_at_a_time_and_only_for_its_caller() {
    let world = World::new().await;
    let session = world.open_session("select 1").await;
    let client = world.client("root");
    let long = client
        .execute_statement()
        .sql(LONG)
        .session_id(&session)
        .send()
        .await
        .unwrap();
    let second = client
        .execute_statement()
        .sql("select 1")
        .session_id(&session)
        .send()
        .await;
    assert_eq!(
        second.unwrap_err().into_service_error().code(),
        Some("ValidationException")
    );
    let listed = client.list_sessions().send().await.unwrap();
    let listed = &listed.sessions()[0];
    assert_eq!(listed.status(), &SessionStatusString::Busy);
    assert_eq!(listed.current_statement_id(), long.id());
    client
        .cancel_statement()
        .id(long.id().unwrap())
        .send()
        .await
        .unwrap();
    let ended = client
        .describe_statement()
        .id(long.id().unwrap())
        .wait_time_seconds(30);
    assert_eq!(
        ended.send().await.unwrap().status().unwrap().as_str(),
        "ABORTED"
    );
    world.run_in(&session, "select 1").await;
    let stranger = world
        .client("role")
        .execute_statement()
        .sql("select 1")
        .session_id(&session);
    let refused = stranger.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("ValidationException"));
    let theirs = world.client("role").list_sessions().send().await.unwrap();
    assert!(theirs.sessions().is_empty());
}

async fn stop(world: &World, id: &str) {
    let client = world.client("root");
    client.cancel_statement().id(id).send().await.unwrap();
    let ended = client.describe_statement().id(id).wait_time_seconds(30);
    let ended = ended.send().await.unwrap();
    assert_eq!(ended.status().unwrap().as_str(), "ABORTED");
}

#[tokio::test]
async fn a_session_accepts_one_of_many_concurrent_statements() {
    let world = World::new().await;
    let session = world.open_session("select 1").await;
    let client = world.client("root");
    let requests = (0..30).map(|_| {
        client
            .execute_statement()
            .sql(LONG)
            .session_id(&session)
            .send()
    });
    let sent = futures_util::future::join_all(requests).await;
    let taken: Vec<_> = sent.iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    stop(&world, taken[0].id().unwrap()).await;
}

#[tokio::test]
async fn a_statement_refused_by_its_session_does_not_use_its_token() {
    let world = World::new().await;
    let session = world.open_session("select 1").await;
    let client = world.client("root");
    let request = |sql: &str| client.execute_statement().sql(sql).session_id(&session);
    let long = request(LONG).send().await.unwrap();
    let second = || {
        request("select 2")
            .client_token("t")
            .wait_time_seconds(30)
            .send()
    };
    assert!(second().await.is_err());
    stop(&world, long.id().unwrap()).await;
    let done = second().await.unwrap();
    assert_eq!(world.result(done.id().unwrap()).await, [["2"]]);
    assert_eq!(second().await.unwrap().id(), done.id());
}

#[tokio::test]
async fn a_transaction_that_only_reads_changes_nothing() {
    let world = World::new().await;
    world.ok("create table t as select 5 as n").await;
    let session = world.open_session("select 1").await;
    for sql in ["insert into t values (6)", "truncate t"] {
        world.run_in(&session, "begin read only").await;
        let refused = world.run_in(&session, sql).await;
        let error = refused.error().unwrap_or("the statement succeeded");
        assert!(error.contains("read-only transaction"), "{sql}: {error}");
        world.run_in(&session, "rollback").await;
    }
    assert_eq!(world.rows("select n from t").await, [["5"]]);
}

#[tokio::test]
async fn a_session_commits_while_statements_that_wait_for_it_use_every_slot() {
    let world = World::alone().await;
    world.ok("create table t (n int)").await;
    let session = world.open_session("begin").await;
    world.run_in(&session, "lock t").await;
    let waiting = futures_util::future::join_all((0..70).map(|_| world.run("select * from t")));
    let commit = async {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        world.run_in(&session, "commit").await
    };
    let (waited, committed) = futures_util::future::join(waiting, commit).await;
    assert_eq!(committed.status().unwrap().as_str(), "FINISHED");
    assert!(waited.iter().all(|done| done.error().is_none()));
}

#[tokio::test]
async fn sessions_are_listed_by_warehouse_or_by_id() {
    let world = World::new().await;
    let session = world.open_session("select 1").await;
    let client = world.client("root");
    let list = || client.list_sessions();
    for (request, count) in [
        (list().cluster_identifier(CLUSTER), 1),
        (list().cluster_identifier("another"), 0),
        (list().workgroup_name(CLUSTER), 0),
        (list().database(world.database()), 1),
        (list().session_id(&session), 1),
    ] {
        assert_eq!(request.send().await.unwrap().sessions().len(), count);
    }
    for request in [
        list().cluster_identifier(CLUSTER).workgroup_name(CLUSTER),
        list().session_id(&session).cluster_identifier(CLUSTER),
        list()
            .session_id(&session)
            .status(SessionStatusString::Busy),
        list().session_id(&session).database(world.database()),
    ] {
        let refused = request.send().await.unwrap_err().into_service_error();
        assert_eq!(refused.code(), Some("ValidationException"), "{refused}");
    }
}
