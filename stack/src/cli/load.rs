//! The `stack load` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use super::environment::EnvironmentArgument;
use super::json::{self, JsonOption};
use crate::load::{self, Comparison, Loaded};
use crate::session::Session;

/// Next step for files in quarantine.
pub(super) const AFTER_QUARANTINE: &str =
    "next: correct or remove the files in quarantine, then run `stack load --again`";

/// Load staged files that the warehouse does not have yet
#[derive(Debug, Args)]
pub(super) struct Load {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Finish interrupted loads, then compare lake, staging and warehouse per day; reads every object
    #[arg(long)]
    reconcile: bool,
    /// Retry files in quarantine; a file that the warehouse still refuses returns to quarantine
    #[arg(long)]
    again: bool,
    /// Tolerate up to N files in quarantine; more of them give exit code 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    allow_rejects: usize,
    #[command(flatten)]
    json: JsonOption,
}

/// Result of a load, and of the comparison if there was one.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    loaded: Loaded,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Comparison>,
}

impl Load {
    /// Returns exit code 1 when files are not loaded, unknown or in quarantine, or when lake, staging and warehouse
    /// differ.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        if self.reconcile {
            load::finish(&session).await?;
        }
        let loaded = load::load(&session, self.again).await?;
        let comparison = if self.reconcile {
            Some(load::compare(&session).await?)
        } else {
            None
        };
        let report = Report { loaded, comparison };
        if self.json.is_set() {
            json::print(out, &report)?;
        } else {
            print(out, &report, &self.environment)?;
        }
        let agrees = report.comparison.is_none_or(|it| it.agrees);
        let is_allowed = report.loaded.quarantined.len() <= self.allow_rejects;
        let is_clean = report.loaded.left.is_empty() && report.loaded.foreign.is_empty();
        Ok(if agrees && is_allowed && is_clean {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn print(out: &mut impl Write, report: &Report, environment: &str) -> anyhow::Result<()> {
    let Loaded {
        staged,
        known,
        loaded,
        quarantined,
        left,
        foreign,
    } = &report.loaded;
    writeln!(
        out,
        "{staged} staged files: {known} in the ledger before, {loaded} loaded now, {} in quarantine, {} not loaded",
        quarantined.len(),
        left.len()
    )?;
    for file in quarantined {
        writeln!(out, "in quarantine: {}: {}", file.file, file.reason)?;
    }
    if !quarantined.is_empty() {
        writeln!(out, "{AFTER_QUARANTINE}")?;
    }
    for file in left {
        writeln!(out, "not loaded: {file}; `stack status` shows the cause")?;
    }
    for key in foreign {
        writeln!(out, "not a staged file: {key}; move it out of csv/")?;
    }
    match &report.comparison {
        Some(comparison) => print_comparison(out, comparison, environment),
        None => Ok(()),
    }
}

/// Prints the counts of each day, and the objects of the lake that were never staged.
pub(super) fn print_comparison(
    out: &mut impl Write,
    comparison: &Comparison,
    environment: &str,
) -> anyhow::Result<()> {
    print_days(out, comparison)?;
    print_unstaged(out, &comparison.unstaged, environment)
}

/// Maximum number of objects that are named.
const MAX_NAMED: usize = 20;

fn print_unstaged(
    out: &mut impl Write,
    unstaged: &[String],
    environment: &str,
) -> anyhow::Result<()> {
    for key in unstaged.iter().take(MAX_NAMED) {
        writeln!(out, "never transformed: {key}")?;
    }
    if !unstaged.is_empty() {
        writeln!(
            out,
            "{} raw objects were never transformed; next: `stack replay {environment}` stages them",
            unstaged.len()
        )?;
    }
    Ok(())
}

fn print_days(out: &mut impl Write, comparison: &Comparison) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["day", "lake", "rejected", "staging", "warehouse", ""]);
    for day in &comparison.days {
        let verdict = if day.agrees { "agrees" } else { "DIFFERS" };
        let counts =
            [day.lake, day.unfit, day.staging, day.warehouse].map(|count| count.to_string());
        let row = [day.day.clone()]
            .into_iter()
            .chain(counts)
            .chain([verdict.to_owned()]);
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1).take(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln!(out, "{table}")?;
    if comparison.unreadable > 0 {
        writeln!(
            out,
            "{} objects or lines cannot be read",
            comparison.unreadable
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Day, QuarantinedFile};

    #[test]
    fn a_day_that_differs_and_a_file_in_quarantine_are_printed() {
        let day = |day: &str, warehouse| Day {
            day: day.to_owned(),
            lake: 541_909,
            unfit: 0,
            staging: 541_909,
            warehouse,
            agrees: warehouse == 541_909,
        };
        let file = QuarantinedFile {
            file: "csv/v1/dt=2026-01-03/b.csv.gz".to_owned(),
            reason: "line 7, column quantity: Invalid digit".to_owned(),
        };
        let report = Report {
            loaded: Loaded {
                staged: 5,
                known: 3,
                loaded: 1,
                quarantined: vec![file],
                left: Vec::new(),
                foreign: vec!["csv/v1/notes.txt".to_owned()],
            },
            comparison: Some(Comparison {
                days: vec![day("2026-01-02", 541_909), day("2026-01-03", 541_900)],
                unreadable: 1,
                unstaged: vec!["raw/v1/dt=2026-01-03/hr=03/s/1-2.ndjson.gz".to_owned()],
                agrees: false,
            }),
        };
        let mut out = Vec::new();
        print(&mut out, &report, "local").unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        5 staged files: 3 in the ledger before, 1 loaded now, 1 in quarantine, 0 not loaded
        in quarantine: csv/v1/dt=2026-01-03/b.csv.gz: line 7, column quantity: Invalid digit
        next: correct or remove the files in quarantine, then run `stack load --again`
        not a staged file: csv/v1/notes.txt; move it out of csv/
        ┌────────────┬────────┬──────────┬─────────┬───────────┬─────────┐
        │ day        ┆   lake ┆ rejected ┆ staging ┆ warehouse ┆         │
        ╞════════════╪════════╪══════════╪═════════╪═══════════╪═════════╡
        │ 2026-01-02 ┆ 541909 ┆        0 ┆  541909 ┆    541909 ┆ agrees  │
        │ 2026-01-03 ┆ 541909 ┆        0 ┆  541909 ┆    541900 ┆ DIFFERS │
        └────────────┴────────┴──────────┴─────────┴───────────┴─────────┘
        1 objects or lines cannot be read
        never transformed: raw/v1/dt=2026-01-03/hr=03/s/1-2.ndjson.gz
        1 raw objects were never transformed; next: `stack replay local` stages them
        ");
    }
}
