//! `stack status`

mod text;
mod watch;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use self::text::print;
use super::environment::EnvironmentArgument;
use crate::status::{self, Inspection};

/// Show how every stage is, and what is wrong: exit code 0 healthy, 1 not healthy or unknown
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Look again and again, with rates, until Ctrl-C: in place on a terminal, else line after line
    #[arg(long)]
    watch: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "S", default_value_t = 2, requires = "watch", value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// As JSON; with --watch one object a line
    #[arg(long)]
    json: bool,
}

impl Status {
    /// Exit code 1 when something is wrong or could not be asked; 130 when Ctrl-C ended a watch.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let inspection = Inspection::open(&self.environment).await?;
        if self.watch {
            let interval = Duration::from_secs(self.interval);
            return watch::run(&inspection, interval, self.json, out).await;
        }
        let status = status::gather(&inspection).await;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &status)?;
            writeln!(out)?;
        } else {
            let colours = watch::colours(&console::Term::stdout());
            print(out, &status, colours, None)?;
        }
        Ok(if status.healthy {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
