//! `stack supervise`: the background process that `deploy` starts.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use local::Folders;

use crate::identities::LocalIdentities;

/// Keep a local environment running; `deploy` starts it
#[derive(Debug, Args)]
pub(super) struct Supervise {
    /// Name of the environment
    environment: String,
    /// Use the PostgreSQL programs in this folder instead of the installed package
    #[arg(long, env = "PG_BIN")]
    pg_bin: Option<PathBuf>,
}

impl Supervise {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false)
            .with_writer(std::io::stderr)
            // The subscriber reports an internal error with `eprintln!`, which panics if the disk of the log is full.
            .log_internal_errors(false)
            .init();
        let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
        let machine = folders.machine(&self.environment);
        let build = super::deploy::build_id()?;
        local::supervise(machine, build, self.pg_bin, |addresses| {
            Arc::new(LocalIdentities::new(addresses))
        })
        .await?;
        Ok(())
    }
}
