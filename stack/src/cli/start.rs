//! The `stack start` command.

use std::io::Write;

use clap::Args;
use local::{Data, LocalError, Started};

use super::environment::EnvironmentArgument;
use crate::environment::Environment;
use crate::progress::Progress;
use crate::session::machine;

/// Start a stopped local environment on its data; deploys nothing
#[derive(Debug, Args)]
pub(super) struct Start {
    #[command(flatten)]
    environment: EnvironmentArgument,
}

impl Start {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        anyhow::ensure!(
            environment.is_local(),
            "environment `{}` is on AWS and cannot be stopped or started\n  next: `stack deploy {0}` creates or updates it",
            environment.name
        );
        let machine = machine(&environment)?;
        if machine.data_since().is_none() {
            return Err(LocalError::Absent(machine.name).into());
        }
        let build = super::deploy::build_id()?;
        let started =
            crate::deploy::start(&machine, &build, Data::Keep, &Progress::default()).await?;
        let what = if started == Started::Running {
            "is running"
        } else {
            "was started with its data"
        };
        writeln!(out, "{} {what}", environment.name)?;
        Ok(())
    }
}
