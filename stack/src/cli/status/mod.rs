//! The `stack status` command.

mod text;
mod watch;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use self::text::print;
use super::environment::EnvironmentArgument;
use super::json::{self, JsonOption};
use crate::status::{self, Inspection};

/// Show the health of every stage; exit code 0: healthy, 1: not healthy or unknown
#[derive(Debug, Args)]
#[command(mut_arg("json", |json| json.help("Print the result as JSON; with `--watch`, one object per line")))]
pub(super) struct Status {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Repeat the report with rates until Ctrl-C; without a terminal, one line per report
    #[arg(long)]
    watch: bool,
    /// Seconds between two reports
    #[arg(long, value_name = "S", default_value_t = 2, requires = "watch", value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    #[command(flatten)]
    json: JsonOption,
}

impl Status {
    /// Returns exit code 1 when there is a problem or an unknown value, 130 when Ctrl-C ended a watch.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let inspection = Inspection::open(&self.environment).await?;
        if self.watch {
            let interval = Duration::from_secs(self.interval);
            return watch::run(&inspection, interval, self.json.is_set(), out).await;
        }
        let status = status::gather(&inspection).await;
        if self.json.is_set() {
            json::print(out, &status)?;
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
