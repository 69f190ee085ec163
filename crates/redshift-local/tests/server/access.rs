//! Authentication and authorization.

use aws_credential_types::Credentials;
use aws_sdk_redshiftdata::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_redshiftdata::operation::execute_statement::ExecuteStatementError;
use aws_sdk_redshiftdata::operation::execute_statement::builders::ExecuteStatementFluentBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{CLUSTER, World};

#[tokio::test]
async fn a_request_without_signature_is_refused_and_health_needs_none() {
    let world = World::new().await;
    // Wait until the server is ready, which the client does.
    world.ok("select 1").await;
    let refused = raw(
        &world,
        "POST / HTTP/1.1\r\nX-Amz-Target: RedshiftData.ListStatements\r\n",
    )
    .await;
    assert!(
        refused.starts_with("HTTP/1.1 403") && refused.contains("MissingAuthenticationToken"),
        "{refused}"
    );
    let health = raw(&world, "GET /health HTTP/1.1\r\n").await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let ids: Vec<_> = [&refused, &health].map(|answer| request_id(answer)).into();
    assert!(ids.iter().all(|id| id.len() == 36), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
}

fn request_id(answer: &str) -> &str {
    let mut lines = answer.lines();
    let line = lines.find_map(|line| line.strip_prefix("x-amzn-requestid: "));
    line.unwrap_or_default()
}

async fn raw(world: &World, head: &str) -> String {
    let mut socket = tokio::net::TcpStream::connect(world.address())
        .await
        .unwrap();
    let request =
        format!("{head}Host: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_key_and_a_missing_token_give_different_errors() {
    let world = World::new().await;
    let code = async |key: &str, secret: &str, token: Option<&str>| {
        let token = token.map(str::to_owned);
        let client = world.client_with(Credentials::new(key, secret, token, None, "test"));
        match client.list_statements().send().await {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.into_service_error().code().unwrap().to_owned(),
        }
    };
    assert_eq!(code("root", "secret", None).await, "accepted");
    assert_eq!(
        code("root", "wrong", None).await,
        "InvalidSignatureException"
    );
    assert_eq!(
        code("nobody", "secret", None).await,
        "UnrecognizedClientException"
    );
    assert_eq!(code("temporary", "secret", Some("token")).await, "accepted");
    assert_eq!(
        code("temporary", "secret", Some("other")).await,
        "UnrecognizedClientException"
    );
    assert_eq!(
        code("temporary", "secret", None).await,
        "UnrecognizedClientException"
    );
    assert_eq!(
        code("root", "secret", Some("token")).await,
        "UnrecognizedClientException"
    );
}

#[tokio::test]
async fn a_role_and_an_iam_user_connect_as_their_database_users() {
    let world = World::new().await;
    let missing = world.run_as("role", "select 1").await;
    assert_eq!(
        missing.error(),
        Some("FATAL: user \"IAMR:Load\" does not exist")
    );
    // Users belong to the whole PostgreSQL server, which the tests share.
    world.ok("create user \"IAMR:Load\" password disable").await;
    world.ok("create user \"IAM:ann\" password disable").await;
    for (key, user) in [("role", "IAMR:Load"), ("user", "IAM:ann")] {
        let done = world.run_as(key, "select current_user").await;
        assert_eq!(done.db_user(), Some(user));
        assert_eq!(world.result(done.id()).await, [[user]]);
    }
    world.ok("create schema s").await;
    world.ok("create table s.t (a int)").await;
    let denied = world.run_as("role", "select * from s.t").await;
    assert_eq!(
        denied.error(),
        Some("ERROR: permission denied for schema s")
    );
    world.ok("grant usage on schema s to \"IAMR:Load\"").await;
    let denied = world.run_as("role", "select * from s.t").await;
    assert_eq!(
        denied.error(),
        Some("ERROR: permission denied for relation t")
    );
    for sql in [
        "reset session authorization",
        "set role admin",
        "set session authorization admin",
    ] {
        let refused = world.run_as("role", sql).await;
        assert!(
            refused.error().unwrap().contains("permission denied"),
            "{sql}: {refused:?}"
        );
    }
    for user in ["\"IAMR:Load\"", "\"IAM:ann\""] {
        world
            .run(&format!("revoke all on schema s from {user}"))
            .await;
        world.ok(&format!("drop user {user}")).await;
    }
}

/// Returns the database user of a request that names a user or a secret.
async fn current_user(
    world: &World,
    request: ExecuteStatementFluentBuilder,
) -> Result<String, ExecuteStatementError> {
    let sent = request
        .sql("select current_user")
        .cluster_identifier(CLUSTER)
        .database(world.database())
        .wait_time_seconds(30)
        .send()
        .await;
    let sent = sent.map_err(SdkError::into_service_error)?;
    Ok(world.result(sent.id().unwrap()).await[0][0].clone())
}

#[tokio::test]
async fn a_secret_signs_in_only_as_the_user_whose_password_it_holds() {
    let world = World::alone().await;
    world.ok("create user reader password 'Reader-1'").await;
    let ask = async |key: &str, secret: &str| {
        let request = world.client(key).execute_statement().secret_arn(secret);
        match current_user(&world, request).await {
            Ok(user) => user,
            Err(error) => error.message().unwrap().to_owned(),
        }
    };
    assert_eq!(ask("root", "reader").await, "reader");
    for (key, secret, words) in [
        (
            "root",
            "stale",
            "password authentication failed for user \"reader\"",
        ),
        (
            "root",
            "note",
            "the secret note holds no username and password",
        ),
        (
            "root",
            "other",
            "the secret other cannot be read: not found",
        ),
        (
            "role",
            "reader",
            "the secret reader cannot be read: not found",
        ),
    ] {
        let answer = ask(key, secret).await;
        assert!(answer.contains(words), "{key} {secret}: {answer}");
    }
}

#[tokio::test]
async fn root_may_connect_as_any_database_user_and_a_role_only_as_its_own() {
    let world = World::alone().await;
    world.ok("create user reader password disable").await;
    let ask = async |key: &str, user: &str| {
        let request = world.client(key).execute_statement().db_user(user);
        match current_user(&world, request).await {
            Ok(user) => user,
            Err(error) => error.code().unwrap().to_owned(),
        }
    };
    assert_eq!(ask("root", "reader").await, "reader");
    assert_eq!(ask("role", "reader").await, "AccessDeniedException");
    assert_eq!(ask("role", "admin").await, "AccessDeniedException");
}

#[tokio::test]
async fn an_iam_role_of_the_cluster_is_usable_only_by_its_grantees() {
    let world = World::alone().await;
    world.bucket().put("secret.csv", "1\n");
    world.ok("create user \"IAMR:Load\" password disable").await;
    world.ok("create table t (a int)").await;
    world
        .ok("grant select, insert on table t to \"IAMR:Load\"")
        .await;
    let role = "'arn:aws:iam::000000000000:role/copy'";
    let copy = format!("copy t from 's3://bucket/secret.csv' iam_role {role} csv");
    let unload = format!("unload ('select * from t') to 's3://bucket/out/' iam_role {role} csv");
    assert_eq!(world.run_as("role", &copy).await.error(), None);
    world
        .ok("revoke assumerole on all from public for all")
        .await;
    let denied = world.run_as("role", &copy).await;
    assert_eq!(
        denied.error(),
        Some(
            "ERROR: permission denied: user IAMR:Load may not assume IAM role \
             \"arn:aws:iam::000000000000:role/copy\" for COPY"
        )
    );
    let grant = "grant assumerole on all to \"IAMR:Load\" for copy";
    let own = world.run_as("role", grant).await;
    assert!(
        own.error().unwrap().contains("permission denied"),
        "{own:?}"
    );
    world.ok(grant).await;
    world.ok(grant).await;
    assert_eq!(world.run_as("role", &copy).await.error(), None);
    let denied = world.run_as("role", &unload).await;
    assert!(
        denied.error().unwrap().ends_with("for UNLOAD"),
        "{denied:?}"
    );
    assert_eq!(world.run(&unload).await.error(), None);
}

#[tokio::test]
async fn a_statement_is_visible_only_to_its_caller_and_root() {
    let world = World::new().await;
    let theirs = world.run_as("role", "select 1").await;
    let id = theirs.id();
    let stranger = world.client("user");
    let code = |error: Option<&str>| error.unwrap().to_owned();
    let described = stranger.describe_statement().id(id).send().await;
    let cancelled = stranger.cancel_statement().id(id).send().await;
    let fetched = stranger.get_statement_result().id(id).send().await;
    let codes = [
        code(described.unwrap_err().into_service_error().code()),
        code(cancelled.unwrap_err().into_service_error().code()),
        code(fetched.unwrap_err().into_service_error().code()),
    ];
    assert_eq!(codes, ["ResourceNotFoundException"; 3]);
    let root = world
        .client("root")
        .describe_statement()
        .id(id)
        .send()
        .await;
    assert_eq!(root.unwrap().status(), theirs.status());
}
