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
            "environment `{}` is on AWS, where nothing is stopped\n  next: `stack destroy {0}` takes it down",
            environment.name
        );
        let (machine, name) = (machine(&environment)?, environment.name);
        let ran = tokio::task::spawn_blocking(move || machine.stop()).await??;
        let what = if ran {
            "stopped"
        } else {
            "was stopped already"
        };
        writeln!(
            out,
            "{name} {what}; its data is kept: `stack start {name}` takes it up again"
        )?;
        Ok(())
    }
}
