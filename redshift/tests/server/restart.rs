//! What survives the server.

use aws_sdk_redshiftdata::types::StatusString;

use crate::support::{CLUSTER, World};

#[tokio::test]
async fn a_token_and_a_result_survive_a_crash() {
    let mut world = World::new().await;
    world.ok("create table t (a int)").await;
    let send = async |world: &World| {
        let sent = world
            .client("root")
            .execute_statement()
            .sql("insert into t values (1)")
            .client_token("load-1")
            .cluster_identifier(CLUSTER)
            .database(world.database())
            .wait_time_seconds(30)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status().unwrap().as_str(), "FINISHED");
        sent.id().unwrap().to_owned()
    };
    let first = send(&world).await;
    let query = world.run("select 42").await;
    world.crash();
    world.start();
    assert_eq!(send(&world).await, first);
    assert_eq!(world.result(query.id()).await, [["42"]]);
    assert_eq!(world.rows("select count(*) from t").await, [["1"]]);
}

#[tokio::test]
async fn a_statement_that_ran_in_a_crash_has_failed_and_left_nothing() {
    let mut world = World::new().await;
    world.ok("create table t (a bigint)").await;
    let client = world.client("root");
    let sent = client
        .batch_execute_statement()
        .sqls("insert into t values (1)")
        .sqls("insert into t select count(*) from pg_class a, pg_class b, pg_class c, pg_class d")
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .send()
        .await
        .unwrap();
    let id = sent.id().unwrap();
    loop {
        let now = client.describe_statement().id(id).send().await.unwrap();
        if now.sub_statements()[1].status().unwrap().as_str() == "STARTED" {
            break;
        }
    }
    world.crash();
    world.start();
    let end = world
        .client("root")
        .describe_statement()
        .id(id)
        .send()
        .await
        .unwrap();
    assert_eq!(end.status(), Some(&StatusString::Failed));
    assert!(
        end.error().unwrap().contains("the server stopped"),
        "{end:?}"
    );
    assert_eq!(world.rows("select count(*) from t").await, [["0"]]);
}
