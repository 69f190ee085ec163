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
    DataApi(#[source] redshift::ServeError),
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
    #[error("environment `{name}` is not running ({reason}): run `stack deploy {name}`")]
    NotRunning {
        /// The environment.
        name: String,
        /// Since when, or why.
        reason: String,
    },
    /// Neither a home nor `RIVERHOUSE_HOME` is known.
    #[error("no place for local environments: set RIVERHOUSE_HOME to a folder")]
    NoHome,
}

impl LocalError {
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
