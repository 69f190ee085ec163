//! The `stack check` command.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use warehouse::check::{Finding, MaxAges, Severity};

use super::environment::EnvironmentArgument;
use super::json::{self, JsonOption};
use super::load::print_comparison;
use super::logs::span;
use crate::load;
use crate::session::Session;

/// Exit code when rules are broken, but only those that warn.
const WARNED: u8 = 3;

/// Check the data in the warehouse; exit code 0: good, 1: rule broken, 3: warning
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Warn if the newest event is older
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = span)]
    warn_age: Duration,
    /// Fail if the newest event is older
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = span)]
    error_age: Duration,
    /// Also compare the order lines of each day in lake, staging and warehouse; reads every object
    #[arg(long)]
    stages: bool,
    #[command(flatten)]
    json: JsonOption,
}

impl Check {
    /// Runs every rule and prints the broken ones. Changes nothing; a comparison of the stages is stored for
    /// `stack status`.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        let ages = MaxAges {
            warn: self.warn_age,
            error: self.error_age,
        };
        let findings = session.warehouse().check(ages).await?;
        let comparison = if self.stages {
            Some(load::compare(&session).await?)
        } else {
            None
        };
        let differs = comparison.as_ref().is_some_and(|it| !it.agrees);
        let worst = findings
            .iter()
            .filter_map(Finding::severity)
            .chain(differs.then_some(Severity::Error))
            .max();
        if self.json.is_set() {
            json::print(
                out,
                &json!({ "severity": worst, "rules": findings, "comparison": comparison }),
            )?;
        } else {
            print(out, &findings, &self.environment)?;
            if let Some(comparison) = &comparison {
                print_comparison(out, comparison, &self.environment)?;
            }
        }
        Ok(match worst {
            None => ExitCode::SUCCESS,
            Some(Severity::Error) => ExitCode::FAILURE,
            Some(Severity::Warn) => WARNED.into(),
        })
    }
}

/// Prints the broken rules, each with a query of its rows, and the number of rules.
fn print(out: &mut impl Write, findings: &[Finding], environment: &str) -> io::Result<()> {
    let mut kept = 0;
    for Finding { rule, says, broken } in findings {
        let Some(broken) = broken else {
            kept += 1;
            continue;
        };
        let word = match broken.severity {
            Severity::Error => "error",
            Severity::Warn => "warning",
        };
        let found = match (broken.rows, &broken.failure) {
            (Some(1), _) => "1 row breaks it".to_owned(),
            (Some(rows), _) => format!("{rows} rows break it"),
            (None, Some(failure)) => format!("its query failed: {failure}"),
            (None, None) => "its query failed".to_owned(),
        };
        let sample = broken.sample.replace('\n', "\n    ");
        writeln!(
            out,
            "{word}: {rule}: {says}; {found}\n  rows:\n    {sample}"
        )?;
    }
    let broken = findings.len() - kept;
    if broken > 0 {
        writeln!(
            out,
            "next: `stack query --env {environment} \"…\"` runs a query from above"
        )?;
    }
    writeln!(out, "{kept} of {} rules are kept", findings.len())
}

#[cfg(test)]
mod tests {
    use warehouse::check::Broken;

    use super::*;

    #[test]
    fn broken_rules_are_shown_with_count_and_query_and_kept_ones_are_counted() {
        let finding = |rule: &str, broken| Finding {
            rule: rule.to_owned(),
            says: "a month has a name".to_owned(),
            broken,
        };
        let broken = |severity, rows, failure: Option<&str>| {
            Some(Broken {
                severity,
                rows,
                failure: failure.map(str::to_owned),
                sample: "SELECT month\nFROM months\nLIMIT 5".to_owned(),
            })
        };
        let findings = [
            finding("kept", None),
            finding("many", broken(Severity::Error, Some(2), None)),
            finding("one", broken(Severity::Warn, Some(1), None)),
            finding(
                "old",
                broken(Severity::Error, None, Some("no relation months")),
            ),
        ];
        let mut out = Vec::new();
        print(&mut out, &findings, "dev").unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
