//! Connections to PostgreSQL: opened as the administrator, then switched to the caller's database
//! user.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls};

use super::failure::{Failure, explain};
use crate::sql::SCHEMA;
use crate::{Login, PostgresSettings};

/// Maximum time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum run time of a statement: 24 hours.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
const LONGEST_STATEMENT_MS: u32 = 24 * 60 * 60 * 1000;

/// User that a statement runs as.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum User {
    Admin,
    /// A database user, which must exist.
    Named(String),
}

/// Error in opening a connection. `Display` is the message that the client reads.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    /// The database user does not exist, or may not log in.
    #[error("FATAL: user \"{0}\" does not exist")]
    NoSuchUser(String),
    /// PostgreSQL refused the connection; the text is its message.
    #[error("{0}")]
    Refused(String),
}

impl From<tokio_postgres::Error> for ConnectError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Refused(explain(&error).message)
    }
}

/// Opens connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    settings: PostgresSettings,
}

/// An open connection. It closes when dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// Process id of the backend, which Redshift calls the pid of a query.
    pub(crate) pid: i32,
    /// Whether a session's `BEGIN` still has no `COMMIT` or `ROLLBACK`.
    pub(crate) block: AtomicBool,
}

impl Database {
    pub(crate) fn new(settings: PostgresSettings) -> Self {
        Self { settings }
    }

    /// Returns the name of the main database, which has the compatibility functions.
    pub(crate) fn name(&self) -> &str {
        &self.settings.database
    }

    /// Returns the name of the administrator.
    pub(crate) fn admin_name(&self) -> &str {
        &self.settings.admin_user
    }

    /// Verifies the password by connecting to the main database with it.
    pub(crate) async fn try_password(&self, login: &Login) -> Result<(), ConnectError> {
        let mut config = self.config(&self.settings.database, "login");
        config
            .user(&login.username)
            .password(login.password.expose());
        let (_client, _driver) = config.connect(NoTls).await?;
        Ok(())
    }

    /// Connects to the main database as the administrator, for the server's own work. The search
    /// path excludes users' functions. `label` is shown in `pg_stat_activity`.
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

    /// Connects to `database` as `user`.
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

    /// Returns the settings of a connection: snapshot isolation, UTC, and a search path in which
    /// Redshift's functions come before PostgreSQL's of the same name.
    fn config(&self, database: &str, label: &str) -> Config {
        let mut config = Config::new();
        config
            .host(&self.settings.host)
            .port(self.settings.port)
            .user(&self.settings.admin_user)
            .password(self.settings.admin_password.expose())
            .dbname(database)
            .application_name(label)
            .connect_timeout(CONNECT_TIMEOUT)
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
    /// Checks that the user may use this IAM role for `command`.
    ///
    /// # Errors
    ///
    /// Returns [`Failure`] if the privilege is missing, or if PostgreSQL cannot be asked.
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

    /// Runs `sql` and discards its result.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Failure> {
        self.client
            .batch_execute(sql)
            .await
            .map_err(|error| explain(&error))
    }
}
