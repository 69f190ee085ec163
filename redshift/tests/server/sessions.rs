//! Sessions.

use aws_sdk_redshiftdata::error::ProvideErrorMetadata;
use aws_sdk_redshiftdata::types::SessionStatusString;

use crate::support::World;

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
async fn a_session_runs_one_statement_at_a_time_and_is_its_callers_alone() {
    let world = World::new().await;
    let session = world.open_session("select 1").await;
    let client = world.client("root");
    let long = client
        .execute_statement()
        .sql("select count(*) from pg_class a, pg_class b, pg_class c, pg_class d")
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
