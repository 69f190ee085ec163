//! `stack status`

use std::io::Write;

use clap::Args;
use comfy_table::{Table, presets};

use crate::session::Session;
use crate::status::{self, Stage};

/// Show how every stage stands: counts, backlog, lag, rejects, last error
#[derive(Debug, Args)]
pub(super) struct Status {
    /// The environment: a name such as `local` or `local-blue`, or the path of a file
    #[arg(value_name = "ENV", default_value = "local")]
    environment: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let session = Session::open(&self.environment).await?;
        let status = status::gather(&session).await?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &status)?;
            writeln!(out)?;
            return Ok(());
        }
        print(out, &status)
    }
}

fn print(out: &mut impl Write, status: &status::Status) -> anyhow::Result<()> {
    let word = if status.healthy {
        "healthy"
    } else {
        "NOT healthy"
    };
    writeln!(out, "{} on {}: {word}", status.environment, status.target)?;
    for process in &status.processes {
        let pid = process
            .pid
            .map_or_else(String::new, |pid| format!(" (pid {pid})"));
        let state = process.detail.as_deref().unwrap_or("answers");
        writeln!(out, "  {}{pid}: {state}", process.process)?;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["stage", "backlog", "lag", "rejects", "counts"]);
    for stage in &status.stages {
        table.add_row(row(stage));
    }
    writeln!(out, "{table}")?;
    for stage in &status.stages {
        if let Some(error) = &stage.last_error {
            writeln!(
                out,
                "{} said at {}: {}",
                stage.name.as_str(),
                error.at,
                error.message
            )?;
        }
    }
    for aside in &status.set_aside {
        writeln!(out, "set aside {}: {}", aside.file, aside.reason)?;
    }
    if !status.set_aside.is_empty() {
        writeln!(out, "{}", super::load::AFTER_SET_ASIDE)?;
    }
    match &status.last_load {
        Some(load) => writeln!(
            out,
            "last load {} at {} UTC: {} rows, {} new",
            &load.load_id[..load.load_id.len().min(12)],
            load.finished_at,
            load.rows_staged,
            load.rows_inserted
        )?,
        None => writeln!(out, "nothing is loaded yet")?,
    }
    Ok(())
}

fn row(stage: &Stage) -> [String; 5] {
    let counts = stage
        .counts
        .iter()
        .map(|(what, count)| format!("{what} {count}"));
    [
        stage.name.as_str().to_owned(),
        stage
            .backlog
            .map_or_else(|| "–".to_owned(), |backlog| backlog.to_string()),
        stage
            .lag_seconds
            .map_or_else(|| "–".to_owned(), |lag| format!("{lag:.1} s")),
        stage.rejects.to_string(),
        counts.collect::<Vec<_>>().join(", "),
    ]
}
