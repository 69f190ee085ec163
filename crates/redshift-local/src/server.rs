//! Starts the server.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::Settings;
use crate::api::{Api, router};
use crate::postgres::{Database, install};
use crate::private;
use crate::s3::ObjectStore;
use crate::statement::{Registry, ResultStore, Runner, now_ms};

/// Interval at which expired statements, results and sessions are removed.
const CLEANUP_INTERVAL: Duration = Duration::from_hours(1);
/// Interval at which sessions that are too old are ended.
const SESSION_CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Error that keeps the server from starting, or ends it.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The folder for statements and results cannot be used.
    #[error("could not open the state folder `{path}`; make it writable for this user")]
    State {
        /// Path of the folder.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// PostgreSQL cannot be reached, or refuses the compatibility functions.
    #[error("could not prepare PostgreSQL at {address}: {reason}")]
    Postgres {
        /// Host and port.
        address: String,
        /// Error message of PostgreSQL.
        reason: String,
    },
    /// The socket failed.
    #[error("the Data API server stopped because its socket failed")]
    Listen(#[source] io::Error),
}

/// Serves the Data API on `listener` until `stop` completes, then finishes the requests in flight.
/// Running statements end with their connections; the next server with the same state folder finds
/// out how they ended.
///
/// First installs the compatibility schema into the main database, unless this version is installed
/// already.
///
/// # Errors
///
/// Returns [`ServeError`] if the server cannot start, or if the socket fails.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let runner = Arc::new(prepare(&settings).await?);
    let cleanup = tokio::spawn(clean_up(Arc::clone(&runner)));
    let api = Api {
        runner,
        identities: settings.identities,
        region: settings.region,
        cluster_identifier: settings.cluster_identifier,
    };
    let served = axum::serve(listener, router(Arc::new(api)))
        .with_graceful_shutdown(stop)
        .await;
    cleanup.abort();
    served.map_err(ServeError::Listen)
}

async fn prepare(settings: &Settings) -> Result<Runner, ServeError> {
    let state = |source| ServeError::State {
        path: settings.state_dir.clone(),
        source,
    };
    let postgres = |reason: String| ServeError::Postgres {
        address: format!("{}:{}", settings.postgres.host, settings.postgres.port),
        reason,
    };
    private::folder(&settings.state_dir).map_err(state)?;
    let registry = Registry::open(&settings.state_dir).map_err(state)?;
    let results = ResultStore::open(settings.state_dir.join("results")).map_err(state)?;
    results.retain(|id| registry.holds(id));
    let database = Database::new(settings.postgres.clone());
    install(&database)
        .await
        .map_err(|error| postgres(error.to_string()))?;
    let store = ObjectStore::new(&settings.s3, &settings.region);
    let runner = Runner::new(registry, results, database, store);
    runner
        .recover()
        .await
        .map_err(|failure| postgres(failure.message))?;
    Ok(runner)
}

async fn clean_up(runner: Arc<Runner>) {
    tokio::join!(forget_expired(&runner), end_old_sessions(&runner));
}

async fn forget_expired(runner: &Runner) {
    loop {
        tokio::time::sleep(CLEANUP_INTERVAL).await;
        runner.registry.forget_old();
        runner.results.retain(|id| runner.registry.holds(id));
        runner.sessions.forget_old(now_ms());
    }
}

async fn end_old_sessions(runner: &Runner) {
    loop {
        tokio::time::sleep(SESSION_CHECK_INTERVAL).await;
        runner.end_old_sessions();
    }
}
