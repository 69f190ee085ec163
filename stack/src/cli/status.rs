//! The `stack status` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};

use super::environment::EnvironmentArgument;
use crate::status::{self, Inspection, Problem, Stage, Unknown};

/// Maximum number of problems, and of unknown values, that are printed.
const MOST: usize = 20;

/// Show the health of every stage; exit code 0: healthy, 1: not healthy or unknown
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Print the status as JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    /// Returns exit code 1 when there is a problem, or when something could not be read.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let inspection = Inspection::open(&self.environment).await?;
        let status = status::gather(&inspection).await;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &status)?;
            writeln!(out)?;
        } else {
            print(out, &status)?;
        }
        Ok(if status.healthy {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn print(out: &mut impl Write, status: &status::Status) -> anyhow::Result<()> {
    let word = match (status.problems.len(), status.unknown.len()) {
        (0, 0) => "healthy".to_owned(),
        (0, unknown) => format!("UNKNOWN, {unknown} things could not be asked"),
        (problems, _) => format!("NOT healthy, problems: {problems}"),
    };
    writeln!(out, "{} on {}: {word}", status.environment, status.target)?;
    print_problems(out, &status.problems, &status.unknown)?;
    for process in &status.processes {
        let pid = process
            .pid
            .map_or_else(String::new, |pid| format!(" (pid {pid})"));
        let state = process.detail.as_deref().unwrap_or("answers");
        writeln!(out, "  {}{pid}: {state}", process.process)?;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["stage", "backlog", "lag", "rejects", "counts"]);
    for stage in &status.stages {
        table.add_row(row(stage, &status.unknown));
    }
    writeln!(out, "{table}")?;
    for aside in &status.set_aside {
        writeln!(out, "in quarantine {}: {}", aside.file, aside.reason)?;
    }
    print_load(out, status)
}

fn print_problems(
    out: &mut impl Write,
    problems: &[Problem],
    unknown: &[Unknown],
) -> anyhow::Result<()> {
    for problem in problems.iter().take(MOST) {
        let since = problem
            .since
            .map_or_else(String::new, |since| format!(" (since {since})"));
        writeln!(out, "{}: {}{since}", problem.stage, problem.reason)?;
        writeln!(out, "  next: {}", problem.next)?;
    }
    for unknown in unknown.iter().take(MOST) {
        let Unknown {
            stage,
            what,
            reason,
        } = unknown;
        writeln!(out, "unknown: {what} of {stage}: {reason}")?;
    }
    let more = problems.len().saturating_sub(MOST) + unknown.len().saturating_sub(MOST);
    if more > 0 {
        writeln!(out, "and {more} more; `stack status --json` lists all")?;
    }
    Ok(())
}

fn print_load(out: &mut impl Write, status: &status::Status) -> anyhow::Result<()> {
    let load = status
        .stages
        .iter()
        .find(|it| it.name == status::StageName::Load);
    let is_running = load.is_some_and(|stage| stage.counts.contains_key("running"));
    let is_unknown = is_unknown(&status.unknown, "load", "counts");
    match &status.last_load {
        Some(load) => writeln!(
            out,
            "last load {} at {} UTC: {} rows, {} new",
            &load.load_id[..load.load_id.len().min(12)],
            load.finished_at,
            load.rows_staged,
            load.rows_inserted
        )?,
        None if is_unknown => writeln!(out, "last load: unknown")?,
        None if is_running => writeln!(out, "a load is running")?,
        None => writeln!(out, "nothing is loaded yet")?,
    }
    Ok(())
}

fn is_unknown(unknown: &[Unknown], stage: &str, what: &str) -> bool {
    unknown
        .iter()
        .any(|unknown| unknown.stage == stage && unknown.what == what)
}

fn row(stage: &Stage, unknown: &[Unknown]) -> [String; 5] {
    let name = stage.name.as_str();
    let absent = |what| {
        if is_unknown(unknown, name, what) {
            "unknown".to_owned()
        } else {
            "–".to_owned()
        }
    };
    let counts = stage
        .counts
        .iter()
        .map(|(what, count)| format!("{what} {count}"));
    [
        name.to_owned(),
        stage
            .backlog
            .map_or_else(|| absent("backlog"), |backlog| backlog.to_string()),
        stage
            .lag_seconds
            .map_or_else(|| absent("backlog"), |lag| format!("{lag:.1} s")),
        stage
            .rejects
            .map_or_else(|| absent("rejects"), |rejects| rejects.to_string()),
        if is_unknown(unknown, name, "counts") {
            "unknown".to_owned()
        } else {
            counts.collect::<Vec<_>>().join(", ")
        },
    ]
}
