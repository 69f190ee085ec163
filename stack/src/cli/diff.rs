//! The `stack diff` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::environment::EnvironmentArgument;
use super::json::JsonOption;
use crate::deploy::{self, Compared};
use crate::environment::Environment;
use crate::progress::{Event, Progress};

/// Exit code for "different". An invalid command line has the same code, but prints an error to standard error.
const DIFFERENT: u8 = 2;

/// Show what a deploy would change; exit code 0: no changes, 2: changes, 1: error
#[derive(Debug, Args)]
#[command(mut_arg("json", |json| json.help("Print the changes as JSON, one object per line, the result last")))]
pub(super) struct Diff {
    #[command(flatten)]
    environment: EnvironmentArgument,
    #[command(flatten)]
    json: JsonOption,
}

impl Diff {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let progress = Progress::new(self.json.is_set());
        let compared = match self.compare(&progress).await {
            Ok(compared) => compared,
            Err(error) => {
                progress.event(&Event::failed("diff", &format!("{error:#}")));
                return Err(error);
            }
        };
        let outcome = if compared.plans.is_empty() {
            "same"
        } else {
            "different"
        };
        for plan in &compared.plans {
            progress.event(&Event::from(plan));
            if !self.json.is_set() {
                writeln!(out, "{}: {}", plan.stack, plan.summary())?;
                writeln!(out, "{}", plan.table().trim_end())?;
            }
        }
        if self.json.is_set() {
            progress.event(&Event::Result {
                command: "diff",
                result: json!({"outcome": outcome}),
            });
        } else {
            writeln!(out, "{outcome}")?;
        }
        Ok(if compared.plans.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(DIFFERENT)
        })
    }

    async fn compare(&self, progress: &Progress) -> anyhow::Result<Compared> {
        let environment = Environment::load(&self.environment)?;
        Ok(deploy::diff(&environment, progress).await?)
    }
}
