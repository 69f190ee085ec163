//! Prints the report as text.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::status::{self, Problem, Stage, Unknown};

/// Maximum number of problems, and of unknown values, that are printed.
const MAX_LINES: usize = 20;

const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;

/// Whether the text has colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Colours {
    None,
    Ansi,
}

impl Colours {
    fn paint(self, colour: u8, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Ansi => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        }
    }
}

/// Prints the report. The table fits into `width` columns, by default those of the terminal.
pub(super) fn print(
    out: &mut impl Write,
    status: &status::Status,
    colours: Colours,
    width: Option<u16>,
) -> anyhow::Result<()> {
    let word = match (status.problems.len(), status.unknown.len()) {
        (0, 0) => colours.paint(GREEN, "healthy"),
        (0, unknown) => colours.paint(
            YELLOW,
            &format!("UNKNOWN, values that could not be read: {unknown}"),
        ),
        (problems, _) => colours.paint(RED, &format!("NOT healthy, problems: {problems}")),
    };
    writeln!(out, "{} on {}: {word}", status.environment, status.target)?;
    print_problems(out, &status.problems, &status.unknown, colours)?;
    for process in &status.processes {
        let pid = process
            .pid
            .map_or_else(String::new, |pid| format!(" (pid {pid})"));
        let state = process.detail.as_deref().unwrap_or("answers");
        let colour = if process.healthy { GREEN } else { RED };
        let state = colours.paint(colour, state);
        writeln!(out, "  {}{pid}: {state}", process.process)?;
    }
    writeln!(out, "{}", table(status, width))?;
    for file in &status.quarantined {
        writeln!(out, "in quarantine: {}: {}", file.file, file.reason)?;
    }
    print_load(out, status)
}

/// Formats the stages as a table with one row for each.
fn table(status: &status::Status, width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    }
    let has_rates = status
        .stages
        .iter()
        .any(|it| it.events_per_second.is_some());
    let rate = has_rates.then_some("events/s");
    let header = ["stage", "backlog", "lag", "rejects"];
    table.set_header(header.into_iter().chain(rate).chain(["counts"]));
    for stage in &status.stages {
        table.add_row(row(stage, &status.unknown, has_rates));
    }
    table
}

/// Formats a time as `2026-01-02T03:04:05Z`.
pub(super) fn moment(at: OffsetDateTime) -> String {
    let seconds = at.replace_nanosecond(0).unwrap_or(at);
    seconds.format(&Rfc3339).unwrap_or_default()
}

fn print_problems(
    out: &mut impl Write,
    problems: &[Problem],
    unknown: &[Unknown],
    colours: Colours,
) -> anyhow::Result<()> {
    for problem in problems.iter().take(MAX_LINES) {
        let since = problem
            .since
            .map_or_else(String::new, |since| format!(" (since {})", moment(since)));
        let stage = colours.paint(RED, &problem.stage);
        writeln!(out, "{stage}: {}{since}", problem.reason)?;
        writeln!(out, "  next: {}", problem.next)?;
    }
    for unknown in unknown.iter().take(MAX_LINES) {
        let Unknown {
            stage,
            what,
            reason,
        } = unknown;
        let word = colours.paint(YELLOW, "unknown");
        writeln!(out, "{word}: {what} of {stage}: {reason}")?;
    }
    let more = problems.len().saturating_sub(MAX_LINES) + unknown.len().saturating_sub(MAX_LINES);
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
        None => writeln!(out, "no load yet")?,
    }
    if let Some(latency) = &status.event_to_warehouse {
        writeln!(
            out,
            "event to warehouse: p50 {} s, p99 {} s ({} new rows of the last {} loads)",
            latency.p50_seconds, latency.p99_seconds, latency.rows, latency.loads
        )?;
    }
    Ok(())
}

fn is_unknown(unknown: &[Unknown], stage: &str, what: &str) -> bool {
    unknown
        .iter()
        .any(|unknown| unknown.stage == stage && unknown.what == what)
}

fn row(stage: &Stage, unknown: &[Unknown], has_rates: bool) -> Vec<String> {
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
    let mut row = vec![
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
    ];
    if has_rates {
        let rate = stage.events_per_second;
        row.push(rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}")));
    }
    row.push(if is_unknown(unknown, name, "counts") {
        "unknown".to_owned()
    } else {
        counts.collect::<Vec<_>>().join(", ")
    });
    row
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::status::{ProblemKind, StageName, Status};

    fn unhealthy() -> Status {
        let stage = |name, rate| Stage {
            name,
            counts: [("raw_objects", 1_000_000), ("raw_bytes", 123_456_789_012)].into(),
            backlog: None,
            lag_seconds: None,
            rejects: Some(0),
            last_error: None,
            events_per_second: rate,
        };
        Status {
            environment: "local".to_owned(),
            target: "local".to_owned(),
            at: datetime!(2026-01-02 12:00 UTC),
            healthy: false,
            problems: vec![Problem {
                stage: "load".to_owned(),
                kind: ProblemKind::Resource,
                reason: "function `riverhouse-local-load` does not exist".to_owned(),
                since: None,
                next: "`stack deploy`".to_owned(),
            }],
            unknown: vec![Unknown {
                stage: "stream".to_owned(),
                what: "backlog".to_owned(),
                reason: "no answer within 3 s".to_owned(),
            }],
            processes: Vec::new(),
            stages: vec![
                stage(StageName::Stream, None),
                stage(StageName::Store, Some(812.4)),
            ],
            last_load: None,
            event_to_warehouse: None,
            quarantined: Vec::new(),
            newest: status::Newest::default(),
        }
    }

    fn printed(status: &Status, colours: Colours, width: u16) -> String {
        let mut out = Vec::new();
        print(&mut out, status, colours, Some(width)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn problems_come_first_and_an_unknown_value_has_no_number() {
        let text = printed(&unhealthy(), Colours::None, 80);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "local on local: NOT healthy, problems: 1");
        assert_eq!(lines[2], "  next: `stack deploy`");
        assert_eq!(lines[3], "unknown: backlog of stream: no answer within 3 s");
        let stream = lines.iter().find(|line| line.contains("│ stream")).unwrap();
        assert!(stream.contains("unknown"), "{text}");
        let store = lines.iter().find(|line| line.contains("│ store")).unwrap();
        assert!(store.contains("812"), "{text}");
    }

    #[test]
    fn the_table_fits_the_terminal() {
        for width in [60, 80, 120] {
            let text = printed(&unhealthy(), Colours::None, width);
            let table = text
                .lines()
                .filter(|line| line.starts_with(['│', '┌', '└']));
            for line in table {
                assert!(line.chars().count() <= width.into(), "{line}");
            }
        }
    }

    #[test]
    fn only_a_report_with_colours_has_escape_sequences() {
        assert!(!printed(&unhealthy(), Colours::None, 80).contains('\u{1b}'));
        let text = printed(&unhealthy(), Colours::Ansi, 80);
        assert!(text.contains("\u{1b}[31mNOT healthy"), "{text}");
    }
}
