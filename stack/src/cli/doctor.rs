//! The `stack doctor` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::environment::EnvironmentArgument;
use crate::doctor::{Check, of_account, of_build, of_machine};
use crate::environment::Environment;

/// Check this machine and the AWS account for what a deploy needs
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    environment: EnvironmentArgument,
}

impl Doctor {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let environment = Environment::load(&self.environment)?;
        let mut checks = tokio::task::spawn_blocking(of_machine).await?;
        if !environment.is_local() {
            let architecture = environment.architecture();
            checks.extend(tokio::task::spawn_blocking(move || of_build(architecture)).await?);
            checks.extend(of_account(&environment).await);
        }
        for check in &checks {
            writeln!(out, "{check}")?;
        }
        Ok(if checks.iter().any(Check::is_missing) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}
