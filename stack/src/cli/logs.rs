//! The `stack logs` command.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::environment::EnvironmentArgument;
use super::json::JsonOption;
use crate::environment::{Environment, Ttl};
use crate::function::FunctionSpec;
use crate::logs::{Line, LogSource, Logs, Merge};
use crate::session::clients;

/// Pause between polls. CloudWatch Logs allows five calls a second for a log group.
const PAUSE: Duration = Duration::from_secs(1);

/// Show the logs of the functions and the API, merged by time
#[derive(Debug, Args)]
#[command(mut_arg("json", |json| json.help("Print each line as a JSON object")))]
pub(super) struct ShowLogs {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Keep printing new lines until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Start this long ago, as in `30m`, `4h` or `7d`
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = span)]
    since: Duration,
    /// Show only this function; repeatable
    #[arg(long, value_name = "NAME", value_parser = function)]
    function: Vec<&'static FunctionSpec>,
    #[command(flatten)]
    json: JsonOption,
}

/// Parses a span of time, such as `4h`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(Ttl::After(time)) => Ok(time),
        _ => Err("a time is a number above 0 and a unit, as in `30m`, `4h` or `7d`".to_owned()),
    }
}

fn function(text: &str) -> Result<&'static FunctionSpec, String> {
    FunctionSpec::named(text).ok_or_else(|| {
        format!(
            "unknown function; expected one of: {}",
            FunctionSpec::names()
        )
    })
}

impl ShowLogs {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        let clients = clients(&environment).await?;
        let sources = match self.function.as_slice() {
            [] => LogSource::all(&environment),
            some => some.iter().copied().map(LogSource::Function).collect(),
        };
        let logs = Logs::new(&environment, &clients, &sources);
        let mut merge = Merge::since(OffsetDateTime::now_utc() - self.since);
        loop {
            for line in logs.poll(&mut merge).await? {
                self.print(out, &line)?;
            }
            out.flush()?;
            if !self.follow {
                return Ok(());
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = super::interrupt::ctrl_c() => return Ok(()),
            }
        }
    }

    fn print(&self, out: &mut impl Write, line: &Line) -> anyhow::Result<()> {
        if self.json.is_set() {
            writeln!(out, "{}", serde_json::to_string(line)?)?;
        } else {
            let at = line.at.format(&Rfc3339)?;
            writeln!(out, "{at} {:<9} {}", line.source, line.message)?;
        }
        Ok(())
    }
}
