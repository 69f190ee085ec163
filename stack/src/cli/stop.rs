//! The `stack stop` command.

use std::io::Write;

use clap::Args;

use super::environment::EnvironmentArgument;
use crate::environment::Environment;
use crate::session::machine;

/// Stop a local environment and keep its data
#[derive(Debug, Args)]
pub(super) struct Stop {
    #[command(flatten)]
    environment: EnvironmentArgument,
}

impl Stop {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        anyhow::ensure!(
            environment.is_local(),
            "environment `{}` is on AWS and cannot be stopped\n  next: `stack destroy {0}` deletes it",
            environment.name
        );
        let (machine, name) = (machine(&environment)?, environment.name);
        let ran = tokio::task::spawn_blocking(move || machine.stop()).await??;
        let what = if ran {
            "was stopped"
        } else {
            "was already stopped"
        };
        writeln!(
            out,
            "{name} {what}; its data is kept: `stack start {name}` starts it again"
        )?;
        Ok(())
    }
}
