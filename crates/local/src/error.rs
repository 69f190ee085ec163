//! What can go wrong on one machine, with the next step for the person who reads it.

use std::path::PathBuf;

/// Why the local environment is not as it was asked to be.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A file or folder could not be read or written.
    #[error("cannot {doing} `{}`", path.display())]
    File {
        /// The verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot start {what} (`{}`)", program.display())]
    Spawn {
        /// What it is to us.
        what: &'static str,
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program ended, or did not get ready in time.
    #[error("{what} did not start: {reason}; its log is `{}`\n{tail}", log.display())]
    NotReady {
        /// What it is to us.
        what: &'static str,
        /// What was waited for.
        reason: String,
        /// Where it logs.
        log: PathBuf,
        /// The end of that log.
        tail: String,
    },
    /// The Python packages are not installed and nothing can install them.
    #[error(
        "no Python 3.10 or later: {found}\n  next: install it (Debian: `apt-get install python3`), then run the same command again"
    )]
    NoPython {
        /// What there is instead.
        found: String,
    },
    /// A step of preparing the Python packages failed.
    #[error(
        "cannot prepare the Python packages: {step} failed; it needs Python 3.10 or later and a package index\n{output}"
    )]
    Packages {
        /// The step.
        step: String,
        /// What it printed.
        output: String,
    },
    /// No PostgreSQL of a version that we can use.
    #[error(
        "no PostgreSQL 15 or later: set PG_BIN to a folder with `postgres` and `initdb`, or let `stack deploy` install its own"
    )]
    NoPostgres,
    /// PostgreSQL refuses to run as root, and the user that runs it instead cannot reach a folder.
    #[error("PostgreSQL runs as `nobody` when you are root, and `nobody` cannot enter `{}`: set RIVERHOUSE_HOME (and RIVERHOUSE_CACHE) to folders that others may enter, such as /var/lib/riverhouse", .0.display())]
    Unreachable(PathBuf),
    /// The database did not take a statement.
    #[error("PostgreSQL refused to {doing}")]
    Database {
        /// The verb.
        doing: &'static str,
        /// What it said.
        source: tokio_postgres::Error,
    },
    /// The Data API server ended.
    #[error("the Redshift Data API server ended")]
    DataApi(#[source] redshift_local::ServeError),
    /// No certificate for the TLS port.
    #[error("cannot make a certificate for localhost")]
    Certificate(#[source] rcgen::Error),
    /// Another process holds the environment.
    #[error("environment `{name}` is being started or stopped by another `stack` (lock `{}`): wait for it, or end it", lock.display())]
    Busy {
        /// The environment.
        name: String,
        /// The lock's file.
        lock: PathBuf,
    },
    /// Nothing was ever started here.
    #[error("environment `{0}` is not deployed on this machine: run `stack deploy {0}`")]
    Absent(String),
    /// It was started, and is not running now.
    #[error(
        "environment `{name}` is not running ({reason}): run `stack start {name}`, which keeps its data"
    )]
    NotRunning {
        /// The environment.
        name: String,
        /// Since when, or why.
        reason: String,
    },
    /// Neither a home nor the variable is known.
    #[error("HOME is not set: set {0} to a folder that you can write")]
    NoHome(String),
    /// The packages have no place.
    #[error("cannot write the package cache `{}`: set RIVERHOUSE_CACHE to a folder that you can write", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: Box<LocalError>,
    },
    /// Some parts do not run; the others do.
    #[error(
        "{failures}\n  the other parts run, and no data is lost; each failed part is tried again at least once a minute\n  next: repair the cause, then run the same command again{recreate}"
    )]
    PartsFailed {
        /// A line a part.
        failures: String,
        /// What else helps, and what that loses; may be empty.
        recreate: String,
    },
    /// Going on would lose data.
    #[error("environment `{name}` cannot be started on its data: {why}\n  what would be lost: {loss}\n  next: `stack deploy {name} --recreate` removes it and begins anew; copy what you need from `{}` before", folder.display())]
    WouldLose {
        /// The environment.
        name: String,
        /// Why its data is of no use.
        why: String,
        /// What goes.
        loss: String,
        /// Where it is.
        folder: PathBuf,
    },
    /// A thread or task of ours ended early.
    #[error("a task ended early")]
    Task(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl LocalError {
    /// For `map_err` on a task's end.
    pub(crate) fn task(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Task(Box::new(error))
    }

    /// For `map_err` on file operations.
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
