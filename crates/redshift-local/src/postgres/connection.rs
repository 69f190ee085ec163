//! Connections: made as the administrator, then given to the caller's database user.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls};

use super::failure::{Failure, explain};
use crate::sql::SCHEMA;
use crate::{Login, PostgresSettings};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A statement may run for 24 hours.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
const LONGEST_STATEMENT_MS: u32 = 24 * 60 * 60 * 1000;

/// Who a statement runs as.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum User {
    /// The administrator.
    Admin,
    /// This database user, which must exist.
    Named(String),
}

/// Why there is no connection. `Display` is what the client reads.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    /// The caller's database user does not exist, or may not log in.
    #[error("FATAL: user \"{0}\" does not exist")]
    NoSuchUser(String),
    /// PostgreSQL refused, in its words.
    #[error("{0}")]
    Refused(String),
}

impl From<tokio_postgres::Error> for ConnectError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Refused(explain(&error).message)
    }
}

/// Makes connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    settings: PostgresSettings,
}

/// An open connection; it closes when dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Runs statements.
    pub(crate) client: Client,
    /// The backend's process, what Redshift calls the pid of a query.
    pub(crate) pid: i32,
    /// Whether a `BEGIN` of a session waits for its `COMMIT`.
    pub(crate) block: AtomicBool,
}

impl Database {
    /// Connects to the server that `settings` name.
    pub(crate) fn new(settings: PostgresSettings) -> Self {
        Self { settings }
    }

    /// The database that has the compatibility functions.
    pub(crate) fn name(&self) -> &str {
        &self.settings.database
    }

    /// The administrator's name.
    pub(crate) fn admin_name(&self) -> &str {
        &self.settings.admin_user
    }

    /// Connects to the main database with this user's own password, and leaves again.
    pub(crate) async fn try_password(&self, login: &Login) -> Result<(), ConnectError> {
        let mut config = self.config(&self.settings.database, "login");
        config
            .user(&login.username)
            .password(login.password.expose());
        let (_client, _driver) = config.connect(NoTls).await?;
        Ok(())
    }

    /// Connects as the administrator to the main database, for work of the server's own: no
    /// function of a user is in reach. `label` shows in `pg_stat_activity`.
    pub(crate) async fn admin(&self, label: &str) -> Result<Connection, ConnectError> {
        let connection = self
            .connect(&self.settings.database, &User::Admin, label)
            .await?;
        connection
            .client
            .batch_execute("SET search_path TO pg_catalog")
            .await?;
        Ok(connection)
    }

    /// Connects to `database` and becomes `user` for as long as the connection lasts.
    pub(crate) async fn connect(
        &self,
        database: &str,
        user: &User,
        label: &str,
    ) -> Result<Connection, ConnectError> {
        let (client, driver) = self.config(database, label).connect(NoTls).await?;
        tokio::spawn(driver);
        let wanted = match user {
            User::Admin => "",
            User::Named(name) => name,
        };
        let row = client
            .query_typed_one(
                "SELECT pg_catalog.pg_backend_pid(), (SELECT rolname::text FROM pg_catalog.pg_roles \
                 WHERE rolcanlogin AND rolname IN ($1, pg_catalog.lower($1)) ORDER BY rolname = $1 DESC LIMIT 1)",
                &[(&wanted, Type::TEXT)],
            )
            .await?;
        let connection = Connection {
            client,
            pid: row.try_get(0)?,
            block: AtomicBool::new(false),
        };
        if let User::Named(name) = user {
            let Some(found) = row.try_get::<_, Option<String>>(1)? else {
                return Err(ConnectError::NoSuchUser(name.clone()));
            };
            let quoted = found.replace('"', "\"\"");
            connection
                .client
                .batch_execute(&format!("SET SESSION AUTHORIZATION \"{quoted}\""))
                .await?;
        }
        Ok(connection)
    }

    /// Redshift's isolation is that of a snapshot, its clock is UTC, and its own functions come
    /// before PostgreSQL's of the same name.
    fn config(&self, database: &str, label: &str) -> Config {
        let mut config = Config::new();
        config
            .host(&self.settings.host)
            .port(self.settings.port)
            .user(&self.settings.admin_user)
            .password(self.settings.admin_password.expose())
            .dbname(database)
            .application_name(label)
            .connect_timeout(PATIENCE)
            .options(format!(
                "-c search_path=\"$user\",public,{SCHEMA},pg_catalog -c TimeZone=UTC \
                 -c DateStyle=ISO,MDY -c IntervalStyle=postgres -c extra_float_digits=1 \
                 -c default_transaction_isolation=repeatable\\ read \
                 -c statement_timeout={LONGEST_STATEMENT_MS} -c client_min_messages=error"
            ));
        config
    }
}

impl Connection {
    /// Fails unless the user may use this IAM role for `command`.
    pub(crate) async fn assume(&self, iam_role: &str, command: &str) -> Result<(), Failure> {
        let asked = self
            .client
            .query_typed_one(
                &format!("SELECT {SCHEMA}.has_assumerole_privilege($1, $2), current_user::text"),
                &[(&iam_role, Type::TEXT), (&command, Type::TEXT)],
            )
            .await
            .and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let (may, user): (bool, String) = asked.map_err(|error| explain(&error))?;
        if may {
            return Ok(());
        }
        Err(Failure::error(format!(
            "permission denied: user {user} may not assume IAM role \"{iam_role}\" for {command}"
        )))
    }

    /// Runs `sql` for its effect.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Failure> {
        self.client
            .batch_execute(sql)
            .await
            .map_err(|error| explain(&error))
    }
}
