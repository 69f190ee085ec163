//! A server on a real PostgreSQL, and a client that signs its requests.

mod postgres;
mod s3;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_redshiftdata::Client;
use aws_sdk_redshiftdata::config::{BehaviorVersion, Builder, Region, retry::RetryConfig};
use aws_sdk_redshiftdata::operation::describe_statement::DescribeStatementOutput;
use aws_sdk_redshiftdata::types::Field;
use redshift_local::{
    Identities, Identity, Login, LoginError, LoginLookup, Lookup, PostgresSettings, Principal,
    S3Settings, Secret, Settings,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use postgres::Postgres;
pub(crate) use s3::Bucket;

/// Name of the warehouse.
pub(crate) const CLUSTER: &str = "riverhouse-test";
const REGION: &str = "us-east-1";

/// Access keys of the tests. Each has the secret key `secret`.
struct Keys(HashMap<&'static str, Identity>);

impl Identities for Keys {
    fn look_up<'a>(&'a self, access_key_id: &'a str) -> Lookup<'a> {
        let found = self.0.get(access_key_id).cloned();
        Box::pin(async move { found })
    }

    /// Root may read three secrets: a user's login, one with a wrong password, and one without a
    /// login.
    fn login<'a>(&'a self, caller: &'a Principal, secret: &'a str) -> LoginLookup<'a> {
        let login = |password: &str| {
            Ok(Login {
                username: "reader".to_owned(),
                password: Secret::new(password),
            })
        };
        let secret_name = secret.to_owned();
        let found = match (caller, secret) {
            (Principal::Root, "reader") => login("Reader-1"),
            (Principal::Root, "stale") => login("Reader-0"),
            (Principal::Root, "note") => Err(LoginError::Content {
                secret: secret_name,
            }),
            _ => Err(LoginError::Refused {
                secret: secret_name,
                reason: "not found".to_owned(),
            }),
        };
        Box::pin(async move { found })
    }
}

/// A server with a database, a bucket and a state folder of its own.
pub(crate) struct World {
    postgres: Arc<Postgres>,
    database: String,
    state: TempDir,
    bucket: Bucket,
    server: Option<(Runtime, SocketAddr)>,
}

impl World {
    /// Starts a server on the PostgreSQL that the tests share.
    pub(crate) async fn new() -> Self {
        Self::on(postgres::shared()).await
    }

    /// Starts a server on a PostgreSQL of its own. Use it for tests that change roles, which all
    /// databases of a PostgreSQL share.
    pub(crate) async fn alone() -> Self {
        Self::on(Arc::new(Postgres::start())).await
    }

    async fn on(postgres: Arc<Postgres>) -> Self {
        let database = postgres.create_database().await;
        let mut world = Self {
            postgres,
            database,
            state: TempDir::new().unwrap(),
            bucket: Bucket::start().await,
            server: None,
        };
        world.start();
        world
    }

    /// Starts the server with the existing state.
    pub(crate) fn start(&mut self) {
        let settings = self.settings();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            redshift_local::serve(listener, settings, std::future::pending())
                .await
                .unwrap();
        });
        self.server = Some((runtime, address));
    }

    /// Stops the server abruptly, as `kill -9` would.
    pub(crate) fn crash(&mut self) {
        if let Some((runtime, _)) = self.server.take() {
            runtime.shutdown_background();
        }
    }

    /// Returns the state folder of the server.
    pub(crate) fn state(&self) -> &Path {
        self.state.path()
    }

    pub(crate) fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// Returns the bucket named `bucket`.
    pub(crate) fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().1
    }

    /// Returns a client that signs with this access key; `root` has all permissions.
    pub(crate) fn client(&self, key: &str) -> Client {
        self.client_with(Credentials::new(key, "secret", None, None, "test"))
    }

    pub(crate) fn client_with(&self, credentials: Credentials) -> Client {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(format!("http://{}", self.address()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .http_client(http)
            .build();
        Client::from_conf(config)
    }

    /// Runs one statement as root and waits until it has ended.
    pub(crate) async fn run(&self, sql: &str) -> DescribeStatementOutput {
        self.run_as("root", sql).await
    }

    /// Runs one statement and waits until it has ended.
    pub(crate) async fn run_as(&self, key: &str, sql: &str) -> DescribeStatementOutput {
        let client = self.client(key);
        let sent = client
            .execute_statement()
            .sql(sql)
            .cluster_identifier(CLUSTER)
            .database(&self.database)
            .wait_time_seconds(30)
            .send()
            .await
            .unwrap();
        client
            .describe_statement()
            .id(sent.id().unwrap())
            .send()
            .await
            .unwrap()
    }

    /// Runs statements as one transaction and waits until they have ended.
    pub(crate) async fn batch(&self, sqls: &[&str]) -> DescribeStatementOutput {
        let client = self.client("root");
        let sent = client
            .batch_execute_statement()
            .set_sqls(Some(sqls.iter().map(|sql| (*sql).to_owned()).collect()))
            .cluster_identifier(CLUSTER)
            .database(&self.database)
            .wait_time_seconds(30)
            .send()
            .await
            .unwrap();
        client
            .describe_statement()
            .id(sent.id().unwrap())
            .send()
            .await
            .unwrap()
    }

    /// Runs a statement in a new session, which stays open for a minute, and returns the session's
    /// id.
    pub(crate) async fn open_session(&self, sql: &str) -> String {
        let sent = self
            .client("root")
            .execute_statement()
            .sql(sql)
            .session_keep_alive_seconds(60)
            .cluster_identifier(CLUSTER)
            .database(&self.database)
            .wait_time_seconds(30)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status().unwrap().as_str(), "FINISHED");
        sent.session_id().unwrap().to_owned()
    }

    /// Runs a statement in a session and waits until it has ended.
    pub(crate) async fn run_in(&self, session: &str, sql: &str) -> DescribeStatementOutput {
        let client = self.client("root");
        let sent = client
            .execute_statement()
            .sql(sql)
            .session_id(session)
            .wait_time_seconds(30)
            .send()
            .await
            .unwrap();
        client
            .describe_statement()
            .id(sent.id().unwrap())
            .send()
            .await
            .unwrap()
    }

    /// Runs a statement that must succeed.
    pub(crate) async fn ok(&self, sql: &str) {
        let done = self.run(sql).await;
        assert_eq!(
            done.status().unwrap().as_str(),
            "FINISHED",
            "{sql}: {:?}",
            done.error()
        );
    }

    /// Runs a query that must succeed, and returns its rows as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let done = self.run(sql).await;
        assert_eq!(
            done.status().unwrap().as_str(),
            "FINISHED",
            "{sql}: {:?}",
            done.error()
        );
        self.result(done.id()).await
    }

    /// Returns the first page of a result.
    pub(crate) async fn result(&self, id: &str) -> Vec<Vec<String>> {
        let result = self
            .client("root")
            .get_statement_result()
            .id(id)
            .send()
            .await
            .unwrap();
        result
            .records()
            .iter()
            .map(|row| row.iter().map(text).collect())
            .collect()
    }

    fn settings(&self) -> Settings {
        let key = |principal| Identity {
            secret_access_key: Secret::new("secret"),
            session_token: None,
            principal,
        };
        let temporary = Identity {
            session_token: Some(Secret::new("token")),
            ..key(Principal::Role("Load".to_owned()))
        };
        let keys = HashMap::from([
            ("root", key(Principal::Root)),
            ("role", key(Principal::Role("Load".to_owned()))),
            ("user", key(Principal::User("ann".to_owned()))),
            ("temporary", temporary),
        ]);
        Settings {
            postgres: PostgresSettings {
                host: "127.0.0.1".to_owned(),
                port: self.postgres.port,
                database: self.database.clone(),
                admin_user: "admin".to_owned(),
                admin_password: Secret::new(postgres::PASSWORD),
            },
            s3: S3Settings {
                endpoint_url: Some(self.bucket.url()),
                access_key_id: "s3".to_owned(),
                secret_access_key: Secret::new("secret"),
            },
            region: REGION.to_owned(),
            account: "000000000000".to_owned(),
            cluster_identifier: CLUSTER.to_owned(),
            state_dir: PathBuf::from(self.state.path()),
            identities: Arc::new(Keys(keys)),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.crash();
    }
}

/// Returns a field as text; NULL is `NULL`.
pub(crate) fn text(field: &Field) -> String {
    match field {
        Field::IsNull(_) => "NULL".to_owned(),
        Field::BooleanValue(value) => value.to_string(),
        Field::LongValue(value) => value.to_string(),
        Field::DoubleValue(value) => value.to_string(),
        Field::StringValue(value) => value.clone(),
        other => panic!("{other:?}"),
    }
}
