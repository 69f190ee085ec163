//! Lists of statements.

use aws_sdk_redshiftdata::error::ProvideErrorMetadata;
use aws_sdk_redshiftdata::types::StatusString;

use crate::support::{CLUSTER, World};

#[tokio::test]
async fn statements_are_listed_by_name_and_status_page_by_page() {
    let world = World::new().await;
    let client = world.client("root");
    for n in 0..5 {
        client
            .execute_statement()
            .sql(format!("select {n}"))
            .statement_name(format!("load-{n}"))
            .cluster_identifier(CLUSTER)
            .database(world.database())
            .wait_time_seconds(30)
            .send()
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let page = client
            .list_statements()
            .statement_name("load-")
            .max_results(2)
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        seen.extend(
            page.statements()
                .iter()
                .map(|s| s.statement_name().unwrap().to_owned()),
        );
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["load-4", "load-3", "load-2", "load-1", "load-0"]);
}

#[tokio::test]
async fn a_list_shows_finished_statements_by_default_and_only_of_the_named_warehouse() {
    let world = World::new().await;
    let client = world.client("root");
    for sql in ["select 1", "select 2", "select nope"] {
        world.run(sql).await;
    }
    let list = || client.list_statements();
    let failed = list().status(StatusString::Failed);
    for (request, count) in [
        (list(), 2),
        (failed, 1),
        (list().status(StatusString::All), 3),
        (list().cluster_identifier(CLUSTER), 2),
        (list().cluster_identifier("another"), 0),
        (list().workgroup_name(CLUSTER), 0),
        (list().database("another"), 0),
    ] {
        let listed = request.send().await.unwrap();
        assert_eq!(listed.statements().len(), count, "{listed:?}");
    }
    let both = list().cluster_identifier(CLUSTER).workgroup_name(CLUSTER);
    let refused = both.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("ValidationException"));
    let token = list().max_results(1).send().await.unwrap();
    let other = list()
        .status(StatusString::All)
        .set_next_token(token.next_token);
    let refused = other.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.code(), Some("ValidationException"));
    let others = world.client("role").list_statements().send().await.unwrap();
    assert!(others.statements().is_empty());
}
