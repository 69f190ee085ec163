//! The loop of `stack status --watch`.

use std::io::Write;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use console::Term;

use super::text::{Colours, moment, print};
use crate::cli::interrupt;
use crate::status::{Inspection, Meter, StageName, Status, gather};

/// Escape sequence that moves the cursor to the upper left corner.
const HOME: &str = "\u{1b}[H";
/// Escape sequence that clears the rest of the line.
const END_OF_LINE: &str = "\u{1b}[K";
/// Escape sequence that clears everything below the cursor.
const BELOW: &str = "\u{1b}[J";

/// Returns ANSI colours, unless standard output is not a terminal with colours, or `NO_COLOR` is set.
pub(super) fn colours(term: &Term) -> Colours {
    if term.features().colors_supported() && console::colors_enabled() {
        Colours::Ansi
    } else {
        Colours::None
    }
}

/// Prints a report every `interval` until Ctrl-C.
pub(super) async fn run(
    inspection: &Inspection,
    interval: Duration,
    as_json: bool,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let term = Term::stdout();
    let mut meter = Meter::default();
    let mut interrupted = pin!(interrupt::ctrl_c());
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    if term.features().is_attended() && !as_json {
        term.clear_screen()?;
    }
    loop {
        let next = async {
            ticks.tick().await;
            let mut status = gather(inspection).await;
            meter.measure(inspection, &mut status).await;
            status
        };
        let status = tokio::select! {
            status = next => status,
            () = &mut interrupted => return Ok(interrupt::exit_code()),
        };
        if as_json {
            writeln!(out, "{}", serde_json::to_string(&status)?)?;
        } else if term.features().is_attended() {
            let (height, width) = term.size();
            let mut text = Vec::new();
            print(&mut text, &status, colours(&term), Some(width))?;
            let text = String::from_utf8_lossy(&text);
            write!(out, "{}", screen(&text, height.into(), width.into()))?;
        } else {
            writeln!(out, "{}", line(&status))?;
        }
        out.flush()?;
    }
}

/// Returns the text that overwrites the screen. Lines beyond the screen are cut, so that it does not scroll.
fn screen(text: &str, height: usize, width: usize) -> String {
    let lines = text.lines().take(height.saturating_sub(1));
    let lines = lines.map(|line| {
        let line = console::truncate_str(line, width, "…");
        format!("{line}{END_OF_LINE}\n")
    });
    format!("{HOME}{}{BELOW}", lines.collect::<String>())
}

/// Returns a report in one line: time, health, the first problem, and backlog and rate of each stage.
fn line(status: &Status) -> String {
    let word = match (status.problems.first(), status.unknown.first()) {
        (Some(problem), _) => format!("NOT healthy: {}", problem.reason),
        (None, Some(unknown)) => format!("UNKNOWN: {} of {}", unknown.what, unknown.stage),
        (None, None) => "healthy".to_owned(),
    };
    let shown = [
        StageName::Stream,
        StageName::Store,
        StageName::Transform,
        StageName::Load,
    ];
    let stages = status.stages.iter().filter(|it| shown.contains(&it.name));
    let stages = stages.map(|stage| {
        let waiting = stage.backlog.map(|count| format!(" {count} waiting"));
        let rate = stage.events_per_second.map(|rate| format!(" {rate:.0}/s"));
        let [waiting, rate] = [waiting, rate].map(Option::unwrap_or_default);
        format!("{}{waiting}{rate}", stage.name.as_str())
    });
    let stages: Vec<_> = stages.collect();
    format!("{} {word}; {}", moment(status.at), stages.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_never_scrolls_the_screen_and_overwrites_the_last_report() {
        let text = screen("one\ntwo is long\nthree", 3, 7);
        assert_eq!(text, "\u{1b}[Hone\u{1b}[K\ntwo is…\u{1b}[K\n\u{1b}[J");
    }
}
