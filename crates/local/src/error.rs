//! Errors of local environments, each with the next step for the user.

use std::path::PathBuf;

/// An error of a local environment.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A file or folder could not be read or written.
    #[error("cannot {doing} `{}`", path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot start {what} (`{}`)", program.display())]
    Spawn {
        what: &'static str,
        program: PathBuf,
        source: std::io::Error,
    },
    /// A program ended, or was not ready in time.
    #[error("{what} did not start: {reason}; its log is `{}`\n{tail}", log.display())]
    NotReady {
        what: &'static str,
        reason: String,
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// The Python packages are not installed, and there is no Python that could install them.
    #[error(
        "no Python 3.10 or later: {found}\n  next: install it (Debian: `apt-get install python3`), then run the same command again"
    )]
    NoPython {
        /// What was found instead.
        found: String,
    },
    /// A step of installing the Python packages failed.
    #[error(
        "cannot prepare the Python packages: {step} failed; it needs Python 3.10 or later and a package index\n{output}"
    )]
    Packages {
        step: String,
        /// The output of the step.
        output: String,
    },
    /// No PostgreSQL of a supported version was found.
    #[error(
        "no PostgreSQL 15 or later: set PG_BIN to a folder with `postgres` and `initdb`, or let `stack deploy` install its own"
    )]
    NoPostgres,
    /// PostgreSQL refuses to run as root, and `nobody`, which runs it instead, cannot enter a folder.
    #[error("PostgreSQL runs as `nobody` when you are root, and `nobody` has no access to `{}`: set RIVERHOUSE_HOME (and RIVERHOUSE_CACHE) to folders that other users can access, such as /var/lib/riverhouse", .0.display())]
    Unreachable(PathBuf),
    /// PostgreSQL returned an error.
    #[error("PostgreSQL refused to {doing}")]
    Database {
        doing: &'static str,
        source: tokio_postgres::Error,
    },
    /// The Data API server ended.
    #[error("the Redshift Data API server stopped")]
    DataApi(#[source] redshift_local::ServeError),
    /// The certificate for the TLS port could not be created.
    #[error("cannot create a certificate for localhost")]
    Certificate(#[source] rcgen::Error),
    /// Another process is starting or stopping the environment.
    #[error("environment `{name}` is being started or stopped by another `stack` (lock `{}`): wait for it, or end it", lock.display())]
    Busy { name: String, lock: PathBuf },
    /// The environment was never started.
    #[error("environment `{0}` is not deployed on this machine: run `stack deploy {0}`")]
    Absent(String),
    /// The environment was started but is not running.
    #[error(
        "environment `{name}` is not running ({reason}): run `stack start {name}`, which keeps its data"
    )]
    NotRunning { name: String, reason: String },
    /// Neither `HOME` nor the variable is set.
    #[error("HOME is not set: set {0} to a folder that you can write")]
    NoHome(String),
    /// The package cache cannot be written.
    #[error("cannot write the package cache `{}`: set RIVERHOUSE_CACHE to a folder that you can write", path.display())]
    Cache {
        path: PathBuf,
        source: Box<LocalError>,
    },
    /// Some parts do not run, the others do.
    #[error(
        "{failures}\n  the other parts run, and no data is lost; each failed part is retried at least once a minute\n  next: repair the cause, then run the same command again{recreate}"
    )]
    PartsFailed {
        /// One line for each part.
        failures: String,
        /// What else helps, and what it loses; may be empty.
        recreate: String,
    },
    /// Continuing would lose data.
    #[error("environment `{name}` cannot be started on its data: {why}\n  what would be lost: {loss}\n  next: copy what you need from `{}`, then `stack deploy {name} --recreate` removes the data and starts over", folder.display())]
    WouldLose {
        name: String,
        /// Why the data cannot be used.
        why: String,
        /// The data that would be lost.
        loss: String,
        /// The folder of that data.
        folder: PathBuf,
    },
    /// A thread or task ended early.
    #[error("a task ended early")]
    Task(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl LocalError {
    /// For `map_err` on the result of a task.
    pub(crate) fn task(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Task(Box::new(error))
    }

    /// For `map_err` on the result of a file operation.
    pub(crate) fn file(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }
}
