//! `stack deploy`

use std::io::Write;
use std::time::UNIX_EPOCH;

use anyhow::Context;
use clap::Args;

use crate::deploy::{Deployed, Progress, deploy_local};
use crate::environment::Environment;
use crate::session::machine;

/// Bring an environment up, or find it as it should be
#[derive(Debug, Args)]
pub(super) struct Deploy {
    /// The environment: a name such as `local` or `local-blue`, or the path of a file
    #[arg(value_name = "ENV", default_value = "local")]
    environment: String,
    /// Print what was done and where everything is as JSON
    #[arg(long)]
    json: bool,
}

impl Deploy {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let deployed = deploy(&self.environment, &Progress::default()).await?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &deployed)?;
            writeln!(out)?;
        } else {
            writeln!(
                out,
                "{} {} in {:.1} s",
                deployed.outputs.environment, deployed.outcome, deployed.seconds
            )?;
            super::outputs::print(out, &deployed.outputs)?;
        }
        Ok(())
    }
}

/// Brings the environment of that name up.
pub(super) async fn deploy(name: &str, progress: &Progress) -> anyhow::Result<Deployed> {
    let environment = Environment::load(name)?;
    let machine = machine(&environment)?;
    Ok(deploy_local(&environment, &machine, &build_id()?, progress).await?)
}

/// Tells this build of `stack` from another: a running supervisor of another build is replaced.
pub(super) fn build_id() -> anyhow::Result<String> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let metadata = program
        .metadata()
        .with_context(|| format!("cannot read `{}`", program.display()))?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!(
        "{}-{:x}-{modified:x}",
        env!("CARGO_PKG_VERSION"),
        metadata.len()
    ))
}
