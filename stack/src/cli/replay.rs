//! The `stack replay` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::environment::EnvironmentArgument;
use super::interrupt;
use super::json::{self, JsonOption};
use crate::load::Loaded;
use crate::progress::Ticker;
use crate::replay::{self, Plan, Range, Replayed, Time};
use crate::session::Session;

/// Rebuild staging, warehouse and tables from the raw lake; idempotent
#[derive(Debug, Args)]
pub(super) struct Replay {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Replay events that arrived at or after this time, as in 2026-01-31 or 2026-01-31T12:00:00Z [default: the
    /// first]
    #[arg(long, value_name = "T")]
    from: Option<Time>,
    /// Replay events that arrived before this time [default: the last]
    #[arg(long, value_name = "T")]
    to: Option<Time>,
    /// Also rewrite the items of the DynamoDB tables `invoice` and `customer`
    #[arg(long)]
    dynamodb: bool,
    #[command(flatten)]
    json: JsonOption,
}

impl Replay {
    /// Returns exit code 1 when objects could not be staged or files not loaded, 130 after Ctrl-C.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        let range = Range {
            from: self.from.map(|time| time.0),
            to: self.to.map(|time| time.0),
        };
        let plan = replay::plan(&session, range).await?;
        writeln!(std::io::stderr(), "{}", self.announced(&plan))?;
        let steps = plan.calls as u64 * (1 + u64::from(self.dynamodb));
        let mut ticker = Ticker::new(steps);
        let show = |done| ticker.show(done, || format!("{done} of {steps} groups"));
        let replayed = tokio::select! {
            replayed = replay::run(&session, &plan, self.dynamodb, show) => replayed?,
            () = interrupt::ctrl_c() => {
                writeln!(std::io::stderr(), "interrupted: finished groups are kept; next: the same command continues after them")?;
                return Ok(interrupt::exit_code());
            }
        };
        drop(ticker);
        if self.json.is_set() {
            json::print(out, &replayed)?;
        } else {
            print(out, &replayed, self.dynamodb)?;
        }
        Ok(if is_complete(&replayed) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn announced(&self, plan: &Plan) -> String {
        let tables = if self.dynamodb {
            ", their items are written to the tables `invoice` and `customer`"
        } else {
            ""
        };
        format!(
            "replay of `{}`: {} raw objects in {} groups are staged{tables}, then loaded; existing files and rows are kept",
            &*self.environment, plan.objects, plan.calls
        )
    }
}

fn is_complete(replayed: &Replayed) -> bool {
    let is_loaded = |loaded: &Loaded| loaded.left.is_empty() && loaded.quarantined.is_empty();
    replayed.failed.is_empty() && replayed.loaded.as_ref().is_none_or(is_loaded)
}

fn print(out: &mut impl Write, replayed: &Replayed, tables: bool) -> anyhow::Result<()> {
    let Replayed {
        objects,
        staged_before,
        failed,
        lines_to_tables,
        loaded,
    } = replayed;
    writeln!(
        out,
        "{objects} raw objects: {} staged now, {staged_before} by an earlier, interrupted run, {} failed",
        objects - staged_before - failed.len(),
        failed.len()
    )?;
    for key in failed {
        writeln!(
            out,
            "not staged: {key}; `stack logs --function transform` shows the cause"
        )?;
    }
    if tables {
        writeln!(out, "{lines_to_tables} order lines written to the tables")?;
    }
    if let Some(loaded) = loaded {
        writeln!(
            out,
            "{} staged files: {} in the ledger before, {} loaded now, {} in quarantine, {} not loaded",
            loaded.staged,
            loaded.known,
            loaded.loaded,
            loaded.quarantined.len(),
            loaded.left.len()
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_could_not_be_staged_is_named_and_fails_the_command() {
        let mut replayed = Replayed {
            objects: 3,
            staged_before: 1,
            ..Replayed::default()
        };
        assert!(is_complete(&replayed));
        replayed.failed.insert("raw/v1/a.ndjson.gz".to_owned());
        assert!(!is_complete(&replayed));
        let mut out = Vec::new();
        print(&mut out, &replayed, false).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
        3 raw objects: 1 staged now, 1 by an earlier, interrupted run, 1 failed
        not staged: raw/v1/a.ndjson.gz; `stack logs --function transform` shows the cause
        ");
    }
}
