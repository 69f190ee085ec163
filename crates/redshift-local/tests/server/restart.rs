//! Restarts and crashes of the server.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aws_sdk_redshiftdata::types::{ExecutionMode, StatusString};

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
async fn a_statement_that_runs_during_a_crash_fails_and_changes_nothing() {
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

/// Stops the server and cuts its journal after the first line that records a commit, as if it had
/// crashed between that commit and the next step.
fn crash_after_first_commit(world: &mut World, id: &str) {
    world.crash();
    let path = world.state().join("statements.ndjson");
    let journal = std::fs::read_to_string(&path).unwrap();
    let (mut kept, mut lines) = (String::new(), journal.lines());
    for line in lines.by_ref() {
        kept.push_str(line);
        kept.push('\n');
        if line.contains(id) && line.contains("\"committing\":\"") {
            break;
        }
    }
    assert!(lines.next().is_some(), "no commit was noted: {journal}");
    std::fs::write(&path, kept).unwrap();
    world.start();
}

async fn status(world: &World, id: &str) -> StatusString {
    let found = world.client("root").describe_statement().id(id).send();
    found.await.unwrap().status().unwrap().clone()
}

#[tokio::test]
async fn a_crash_between_two_commits_of_a_batch_fails_the_batch() {
    let mut world = World::new().await;
    world.ok("create table t (a int)").await;
    world.ok("create table u (a int)").await;
    let truncates = world
        .batch(&[
            "insert into t values (1)",
            "truncate u",
            "insert into t values (2)",
        ])
        .await;
    crash_after_first_commit(&mut world, truncates.id());
    assert_eq!(status(&world, truncates.id()).await, StatusString::Failed);
    let sent = world
        .client("root")
        .batch_execute_statement()
        .sqls("insert into t values (1)")
        .sqls("insert into t values (2)")
        .execution_mode(ExecutionMode::AutoCommit)
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .wait_time_seconds(30)
        .send()
        .await
        .unwrap();
    let id = sent.id().unwrap();
    assert_eq!(status(&world, id).await, StatusString::Finished);
    crash_after_first_commit(&mut world, id);
    assert_eq!(status(&world, id).await, StatusString::Failed);
}

#[tokio::test]
async fn a_commit_in_a_session_is_known_after_a_crash() {
    for commit in ["commit", "truncate u"] {
        let mut world = World::new().await;
        world.ok("create table t (a int)").await;
        world.ok("create table u (a int)").await;
        let session = world.open_session("begin").await;
        world.run_in(&session, "insert into t values (1)").await;
        let done = world.run_in(&session, commit).await;
        crash_after_first_commit(&mut world, done.id());
        assert_eq!(status(&world, done.id()).await, StatusString::Finished);
        assert_eq!(world.rows("select count(*) from t").await, [["1"]]);
    }
}

#[tokio::test]
async fn a_commit_of_a_failed_transaction_rolls_it_back() {
    let world = World::new().await;
    world.ok("create table t (a int)").await;
    let session = world.open_session("begin").await;
    world.run_in(&session, "insert into t values (1)").await;
    world.run_in(&session, "select nope").await;
    let done = world.run_in(&session, "commit").await;
    assert_eq!(done.error(), None);
    let sum = world.run_in(&session, "select count(*) from t").await;
    assert_eq!(world.result(sum.id()).await, [["0"]]);
}

#[tokio::test]
async fn stored_statements_and_results_are_readable_only_by_the_server() {
    let world = World::new().await;
    world.ok("select 1").await;
    let modes = |folder: &Path| -> Vec<u32> {
        let files = std::fs::read_dir(folder).unwrap();
        let own = std::fs::metadata(folder).unwrap().permissions().mode();
        let of_files = files.map(|file| file.unwrap().metadata().unwrap());
        let of_files = of_files.filter(std::fs::Metadata::is_file);
        let mut modes: Vec<_> = of_files
            .map(|file| file.permissions().mode() & 0o777)
            .collect();
        modes.push(own & 0o777);
        modes
    };
    assert_eq!(modes(world.state()), [0o600, 0o700]);
    assert_eq!(modes(&world.state().join("results")), [0o600, 0o700]);
}

#[tokio::test]
async fn results_of_unknown_statements_are_removed_at_start() {
    let mut world = World::new().await;
    let kept = world.run("select 42").await;
    world.crash();
    let stray = world
        .state()
        .join("results/d9b6c0c9-0747-4bf4-b142-e8883122f766.0.rows");
    std::fs::write(&stray, "[]").unwrap();
    world.start();
    assert_eq!(world.result(kept.id()).await, [["42"]]);
    assert!(!stray.exists());
}
