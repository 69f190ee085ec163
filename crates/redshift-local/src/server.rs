//! Puts the parts together and listens.

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

/// How often statements and sessions of yesterday are forgotten.
const TIDY: Duration = Duration::from_hours(1);
/// How often sessions are looked for that are too old.
const WATCH: Duration = Duration::from_mins(1);

/// Why the server does not run.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The folder for statements and results cannot be used.
    #[error("the state folder `{path}` cannot be used: make it writable for this user")]
    State {
        /// Where it is.
        path: PathBuf,
        /// Why it cannot be used.
        source: io::Error,
    },
    /// PostgreSQL cannot be reached, or does not take the compatibility functions.
    #[error("PostgreSQL at {address} is not ready for the server: {reason}")]
    Postgres {
        /// Host and port.
        address: String,
        /// In its words.
        reason: String,
    },
    /// The socket broke.
    #[error("the Data API server stopped listening")]
    Listen(#[source] io::Error),
}

/// Serves the Data API on `listener` until `stop` is ready, then ends after the requests that are
/// under way. Statements that still run end with their connections; the next server with the same
/// state folder finds out how.
///
/// Installs the compatibility schema into the main database first, which is a look when it is
/// there already.
///
/// # Errors
///
/// Returns [`ServeError`] when it cannot start, or when the socket breaks.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let runner = Arc::new(prepare(&settings).await?);
    let tidying = tokio::spawn(tidy(Arc::clone(&runner)));
    let api = Api {
        runner,
        identities: settings.identities,
        region: settings.region,
        cluster_identifier: settings.cluster_identifier,
    };
    let served = axum::serve(listener, router(Arc::new(api)))
        .with_graceful_shutdown(stop)
        .await;
    tidying.abort();
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
    results.keep(|id| registry.holds(id));
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

async fn tidy(runner: Arc<Runner>) {
    tokio::join!(forget(&runner), watch(&runner));
}

async fn forget(runner: &Runner) {
    loop {
        tokio::time::sleep(TIDY).await;
        runner.registry.forget_old();
        runner.results.keep(|id| runner.registry.holds(id));
        runner.sessions.forget_old(now_ms());
    }
}

async fn watch(runner: &Runner) {
    loop {
        tokio::time::sleep(WATCH).await;
        runner.end_old_sessions();
    }
}
