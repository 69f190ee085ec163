//! Statements and batches, from submission to their end.

use aws_sdk_redshiftdata::error::ProvideErrorMetadata;
use aws_sdk_redshiftdata::operation::batch_execute_statement::builders::BatchExecuteStatementFluentBuilder;
use aws_sdk_redshiftdata::types::{ExecutionMode, SqlParameter, StatusString};

use crate::support::{CLUSTER, World};

/// Runs long enough to be observed and cancelled.
const LONG: &str = "select count(*) from pg_class a, pg_class b, pg_class c, pg_class d";

#[tokio::test]
async fn a_statement_is_described_with_all_members_of_the_service() {
    let world = World::new().await;
    let done = world.run("select 1 as one").await;
    assert_eq!(done.status(), Some(&StatusString::Finished));
    assert_eq!((done.result_rows(), done.has_result_set()), (1, Some(true)));
    assert_eq!(done.query_string(), Some("select 1 as one"));
    assert_eq!(done.cluster_identifier(), Some(CLUSTER));
    assert_eq!(
        (done.database(), done.db_user()),
        (Some(world.database()), Some("admin"))
    );
    assert!(done.duration() > 0 && done.redshift_pid() > 0 && done.redshift_query_id() > 0);
    assert!(done.updated_at().unwrap() >= done.created_at().unwrap());
}

#[tokio::test]
async fn a_finished_batch_has_the_sums_of_its_parts() {
    let world = World::new().await;
    let done = world
        .batch(&["select 'abc'", "select 1 union all select 2"])
        .await;
    assert_eq!((done.result_rows(), done.result_size()), (3, 5));
    assert_eq!(done.redshift_query_id(), 0);
    let parts = done.sub_statements();
    let mut names: Vec<_> = parts
        .iter()
        .map(|part| part.redshift_query_uuid())
        .collect();
    names.push(done.redshift_query_uuid());
    assert!(
        names
            .iter()
            .all(|name| name.is_some_and(|name| name.len() == 36))
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[tokio::test]
async fn a_batch_is_one_transaction_and_its_parts_show_its_progress() {
    let world = World::new().await;
    world.ok("create table t (a int)").await;
    let done = world
        .batch(&[
            "insert into t values (1), (2)",
            "select nope",
            "insert into t values (3)",
        ])
        .await;
    assert_eq!(done.status(), Some(&StatusString::Failed));
    let error = done.error().unwrap();
    assert_eq!(
        error,
        "Query #2 failed with ERROR: column \"nope\" does not exist"
    );
    let parts: Vec<_> = done
        .sub_statements()
        .iter()
        .map(|part| (part.status().unwrap().as_str(), part.result_rows()))
        .collect();
    assert_eq!(parts, [("FINISHED", 2), ("FAILED", -1), ("ABORTED", -1)]);
    assert_eq!(done.sub_statements()[1].id(), format!("{}:2", done.id()));
    assert_eq!(world.rows("select count(*) from t").await, [["0"]]);
}

#[tokio::test]
async fn a_batch_in_auto_commit_mode_keeps_its_successful_statements() {
    let world = World::new().await;
    world.ok("create table t (a int)").await;
    let sent = auto_commit_batch(
        &world,
        &[
            "insert into t values (1)",
            "select nope",
            "insert into t values (3)",
            "select 7",
        ],
    );
    let sent = sent.wait_time_seconds(30).send().await.unwrap();
    assert_eq!(sent.status().unwrap().as_str(), "FAILED");
    assert_eq!(world.rows("select sum(a) from t").await, [["4"]]);
    let part = format!("{}:4", sent.id().unwrap());
    assert_eq!(world.result(&part).await, [["7"]]);
}

fn auto_commit_batch(world: &World, sqls: &[&str]) -> BatchExecuteStatementFluentBuilder {
    let sqls = sqls.iter().map(|sql| (*sql).to_owned()).collect();
    world
        .client("root")
        .batch_execute_statement()
        .set_sqls(Some(sqls))
        .execution_mode(ExecutionMode::AutoCommit)
        .cluster_identifier(CLUSTER)
        .database(world.database())
}

#[tokio::test]
async fn the_running_part_of_a_cancelled_batch_is_aborted_without_an_error() {
    let world = World::new().await;
    let client = world.client("root");
    let sent = auto_commit_batch(&world, &["select 1", LONG, "select 3"])
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
    client.cancel_statement().id(id).send().await.unwrap();
    let end = client.describe_statement().id(id).wait_time_seconds(30);
    let end = end.send().await.unwrap();
    assert_eq!(end.status(), Some(&StatusString::Aborted));
    let parts: Vec<_> = end
        .sub_statements()
        .iter()
        .map(|part| (part.status().unwrap().as_str(), part.error()))
        .collect();
    assert_eq!(
        parts,
        [("FINISHED", None), ("ABORTED", None), ("ABORTED", None)]
    );
}

#[tokio::test]
async fn twenty_concurrent_requests_with_one_token_are_one_statement() {
    let world = World::new().await;
    world.ok("create table t (a int)").await;
    let client = world.client("root");
    let requests = (0..20).map(|_| {
        client
            .execute_statement()
            .sql("insert into t values (1)")
            .client_token("once")
            .cluster_identifier(CLUSTER)
            .database(world.database())
            .wait_time_seconds(30)
            .send()
    });
    let ids: Vec<String> = futures_util::future::join_all(requests)
        .await
        .into_iter()
        .map(|sent| sent.unwrap().id().unwrap().to_owned())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(world.rows("select count(*) from t").await, [["1"]]);
}

#[tokio::test]
async fn cancelling_a_statement_stops_it_in_the_database() {
    let world = World::new().await;
    let client = world.client("root");
    let sent = client
        .execute_statement()
        .sql(LONG)
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status().unwrap().as_str(), "SUBMITTED");
    let id = sent.id().unwrap();
    loop {
        let now = client.describe_statement().id(id).send().await.unwrap();
        match now.status().unwrap() {
            StatusString::Started => break,
            StatusString::Submitted | StatusString::Picked => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        client
            .cancel_statement()
            .id(id)
            .send()
            .await
            .unwrap()
            .status(),
        Some(true)
    );
    let end = client
        .describe_statement()
        .id(id)
        .wait_time_seconds(30)
        .send()
        .await
        .unwrap();
    assert_eq!(end.status(), Some(&StatusString::Aborted));
    let running = "select count(*) from pg_stat_activity where state = 'active' and query like '%pg_class a%' \
                   and pid <> pg_backend_pid()";
    assert_eq!(world.rows(running).await, [["0"]]);
    let again = client.cancel_statement().id(id).send().await.unwrap_err();
    let message = again.into_service_error().message().unwrap().to_owned();
    assert!(message.contains("already in ABORTED state"), "{message}");
}

#[tokio::test]
async fn parameters_are_only_values() {
    let world = World::new().await;
    let client = world.client("root");
    let parameter = |name: &str, value: &str| {
        SqlParameter::builder()
            .name(name)
            .value(value)
            .build()
            .unwrap()
    };
    let request = |parameters: Vec<SqlParameter>| {
        client
            .execute_statement()
            .sql("select :n::int + 1, :text || ':n'")
            .set_parameters(Some(parameters))
            .cluster_identifier(CLUSTER)
            .database(world.database())
            .wait_time_seconds(30)
            .send()
    };
    let odd = "it's \\ '; drop table t; --";
    let sent = request(vec![parameter("n", "41"), parameter("text", odd)])
        .await
        .unwrap();
    assert_eq!(
        world.result(sent.id().unwrap()).await,
        [["42", &format!("{odd}:n")]]
    );
    for parameters in [
        vec![parameter("n", "1")],
        vec![
            parameter("n", "1"),
            parameter("text", "x"),
            parameter("unused", "y"),
        ],
        vec![parameter("n", ""), parameter("text", "x")],
    ] {
        let refused = request(parameters).await.unwrap_err().into_service_error();
        assert_eq!(refused.code(), Some("ValidationException"), "{refused}");
    }
}

#[tokio::test]
async fn limits_and_names_are_checked_before_a_statement_runs() {
    let world = World::new().await;
    let client = world.client("root");
    let request = || {
        client
            .execute_statement()
            .cluster_identifier(CLUSTER)
            .database(world.database())
    };
    let long = format!("select '{}'", "x".repeat(100 * 1024));
    for refused in [
        request().sql(long).send().await,
        request()
            .sql("select 1")
            .client_token("x".repeat(65))
            .send()
            .await,
        request().sql("select 1").wait_time_seconds(31).send().await,
        request()
            .sql("select 1")
            .cluster_identifier("another")
            .send()
            .await,
        request()
            .sql("select 1")
            .workgroup_name(CLUSTER)
            .send()
            .await,
        request()
            .sql("select 1")
            .session_id("d9b6c0c9-0747-4bf4-b142-e8883122f766")
            .send()
            .await,
        request().sql(" ").send().await,
    ] {
        let error = refused.unwrap_err().into_service_error();
        assert_eq!(error.code(), Some("ValidationException"), "{error}");
    }
    let many = client
        .batch_execute_statement()
        .set_sqls(Some(vec!["select 1".to_owned(); 41]))
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .send()
        .await;
    assert_eq!(
        many.unwrap_err().into_service_error().code(),
        Some("ValidationException")
    );
}

#[tokio::test]
async fn a_violation_of_the_model_is_a_validation_error_and_not_a_json_error() {
    let world = World::new().await;
    let client = world.client("root");
    let request = || {
        let request = client.execute_statement().sql("select 1");
        request
            .cluster_identifier(CLUSTER)
            .database(world.database())
    };
    for refused in [
        request().result_format("csv".into()).send().await,
        request().wait_time_seconds(-1).send().await,
        request().session_keep_alive_seconds(-1).send().await,
        request().set_parameters(Some(Vec::new())).send().await,
    ] {
        let error = refused.unwrap_err().into_service_error();
        assert_eq!(error.code(), Some("ValidationException"), "{error}");
    }
    let modes = client
        .batch_execute_statement()
        .sqls("select 1")
        .execution_mode("both".into());
    let refused = modes
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .send()
        .await;
    let error = refused.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"), "{error}");
    let refused = client.list_statements().max_results(-1).send().await;
    let error = refused.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"), "{error}");
    let numbered = request().sql("select :1::int").wait_time_seconds(30);
    let one = SqlParameter::builder()
        .name("1")
        .value("7")
        .build()
        .unwrap();
    let done = numbered.parameters(one).send().await.unwrap();
    assert_eq!(world.result(done.id().unwrap()).await, [["7"]]);
}
