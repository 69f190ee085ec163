//! The `stack rejects` command.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};

use super::environment::EnvironmentArgument;
use super::json::JsonOption;
use crate::rejects::{OpenRejects, Reject, Stage, put_back};
use crate::session::Session;

/// Maximum number of rejects in the list for people. `--json` has no limit.
const MAX_LISTED: usize = 200;

/// List rejected events, quarantined files and dead letters; acknowledge them
#[derive(Debug, Args)]
#[command(mut_arg("json", |json| json.help("Print full records as JSON, one object per line")))]
pub(super) struct Rejects {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// List only rejects of this stage
    #[arg(long, value_enum)]
    stage: Option<Stage>,
    /// List only rejects with this reason, such as `not_a_number`
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    json: JsonOption,
    /// Acknowledge the rejects with these ids, or `all` that match the other options; deletes no data
    #[arg(long, value_name = "ID", num_args = 1..)]
    acknowledge: Vec<String>,
}

impl Rejects {
    /// Returns exit code 1 when an id to acknowledge is not open.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        let mut open = OpenRejects::of(&session, self.stage).await?;
        open.retain(&session, |reject| self.chooses(reject)).await;
        let printed = if self.acknowledge.is_empty() {
            self.print(out, &open.rejects()).map(|()| ExitCode::SUCCESS)
        } else {
            self.acknowledge(out, &session, &mut open).await
        };
        // Returns dead letters to their queues. Acknowledged ones were deleted, so they are not affected.
        put_back(&session, &open.letters).await;
        printed
    }

    fn chooses(&self, reject: &Reject) -> bool {
        self.reason
            .as_ref()
            .is_none_or(|reason| *reason == reject.reason)
    }

    async fn acknowledge(
        &self,
        out: &mut impl Write,
        session: &Session,
        open: &mut OpenRejects,
    ) -> anyhow::Result<ExitCode> {
        let ids = &self.acknowledge;
        let is_all = ids.iter().any(|id| id == "all");
        open.retain(session, |reject| is_all || ids.contains(&reject.id))
            .await;
        let count = open.rejects().len();
        let missing: Vec<_> = ids
            .iter()
            .filter(|id| !is_all && !open.rejects().iter().any(|it| it.id == **id))
            .collect();
        open.acknowledge(session).await?;
        writeln!(out, "{count} acknowledged")?;
        for id in &missing {
            writeln!(
                out,
                "{id} is not open: it was acknowledged before, or it does not exist"
            )?;
        }
        Ok(ExitCode::from(u8::from(!missing.is_empty())))
    }

    fn print(&self, out: &mut impl Write, rejects: &[&Reject]) -> anyhow::Result<()> {
        if self.json.is_set() {
            for reject in rejects {
                serde_json::to_writer(&mut *out, reject)?;
                writeln!(out)?;
            }
            return Ok(());
        }
        let width = Table::new().width().map(usize::from);
        print_list(out, &self.environment, rejects, width)
    }
}

fn print_list(
    out: &mut impl Write,
    environment: &str,
    rejects: &[&Reject],
    width: Option<usize>,
) -> anyhow::Result<()> {
    if rejects.is_empty() {
        writeln!(out, "no open rejects")?;
        return Ok(());
    }
    writeln!(out, "{}", summary(rejects))?;
    for reject in rejects.iter().take(MAX_LISTED) {
        writeln!(out, "{}", line(reject, width))?;
    }
    if let Some(more) = rejects.len().checked_sub(MAX_LISTED).filter(|it| *it > 0) {
        writeln!(out, "and {more} more: --json lists all")?;
    }
    writeln!(
        out,
        "next: `stack redrive {environment}` sends them through the pipeline again, `stack rejects {environment} --acknowledge ID` closes one"
    )?;
    Ok(())
}

fn summary(rejects: &[&Reject]) -> Table {
    let mut counts: BTreeMap<(Stage, &str), u64> = BTreeMap::new();
    for reject in rejects {
        *counts.entry((reject.stage, &reject.reason)).or_default() += 1;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["stage", "reason", "open"]);
    for ((stage, reason), count) in counts {
        table.add_row([stage.word(), &plain(reason), &count.to_string()]);
    }
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Formats a reject in one line, cut to `width` characters.
fn line(reject: &Reject, width: Option<usize>) -> String {
    let Reject {
        id,
        at,
        reason,
        field,
        position,
        detail,
        ..
    } = reject;
    let stage = reject.stage.word();
    let text = plain(&format!(
        "{id}  {stage:<9}  {at}  {reason}  {field}  {position}: {detail}"
    ));
    match width {
        Some(width) if text.chars().count() > width => {
            let cut = text.chars().take(width.saturating_sub(1));
            cut.chain(['…']).collect()
        }
        _ => text,
    }
}

/// Replaces control characters, which a terminal would execute.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(stage: Stage, reason: &str, detail: &str) -> Reject {
        let at = "2026-01-02T00:00:00Z".to_owned();
        let position = "request 1, index 0".to_owned();
        Reject::whole(
            stage,
            at,
            [reason, "Quantity", detail],
            position,
            String::new(),
        )
    }

    #[test]
    fn rejects_are_counted_by_stage_and_reason_and_cut_to_the_terminal() {
        let one = reject(Stage::Ingest, "not_a_number", "`six\u{1b}[2J` is no number");
        let two = reject(Stage::Store, "missing", "required");
        let mut out = Vec::new();
        print_list(&mut out, "dev", &[&one, &one, &two], Some(80)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("│ ingest ┆ not_a_number ┆    2 │"), "{text}");
        assert!(text.contains("│ store  ┆ missing      ┆    1 │"), "{text}");
        let listed: Vec<_> = text.lines().filter(|line| line.ends_with('…')).collect();
        assert_eq!(listed.len(), 3, "{text}");
        assert!(
            listed.iter().all(|line| line.chars().count() == 80),
            "{text}"
        );
        assert!(line(&one, None).ends_with("`six\u{fffd}[2J` is no number"));
    }
}
