//! The seven stages as boxes, with rates, backlog, lag and health.

use maud::{Markup, html};

use super::sparkline::sparkline;
use super::text;
use crate::console::snapshot::{MAX_LOOKS, Snapshot};
use crate::status::{Problem, Stage, StageName, Status};

/// The most problems that are listed.
const MAX_PROBLEMS: usize = 8;

/// A box of the picture.
struct Place {
    name: &'static str,
    /// What it is on AWS.
    what: &'static str,
    /// Stage in the status; `None` for the two ends.
    stage: Option<StageName>,
    /// Names in the status whose problems belong to this box.
    owns: &'static [&'static str],
}

const fn place(
    name: &'static str,
    what: &'static str,
    stage: Option<StageName>,
    owns: &'static [&'static str],
) -> Place {
    Place {
        name,
        what,
        stage,
        owns,
    }
}

/// The seven stages in the order in which an event passes them.
const PLACES: [Place; 7] = [
    place("event", "an order line as JSON", None, &[]),
    place(
        "ingest",
        "API Gateway, Lambda",
        Some(StageName::Ingest),
        &["ingest"],
    ),
    place("stream", "Kinesis", Some(StageName::Stream), &["stream"]),
    place(
        "store",
        "DynamoDB, raw lake in S3",
        Some(StageName::Store),
        &["store"],
    ),
    place(
        "transform",
        "CSV in S3",
        Some(StageName::Transform),
        &["transform"],
    ),
    place(
        "load",
        "Redshift Data API",
        Some(StageName::Load),
        &["load"],
    ),
    place("analyst", "Redshift", None, &["warehouse", "data api"]),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Health {
    Good,
    Problem,
    Unknown,
    /// Nothing is measured here.
    Plain,
}

impl Health {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "stage good",
            Self::Problem => "stage bad",
            Self::Unknown => "stage unknown",
            Self::Plain => "stage plain",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Good => "healthy",
            Self::Problem => "problem",
            Self::Unknown => "unknown",
            Self::Plain => "",
        }
    }
}

/// A label and its value.
type Fact = (&'static str, String);

/// Returns the health of the whole environment in a line.
pub(super) fn health(snapshot: &Snapshot) -> Markup {
    let (class, word) = match &snapshot.status {
        Err(_) => ("health unknown", "unknown".to_owned()),
        Ok(status) => match (status.problems.len(), status.unknown.len()) {
            (0, 0) => ("health good", "healthy".to_owned()),
            (0, unknown) => ("health unknown", format!("{unknown} unknown")),
            (1, _) => ("health bad", "1 problem".to_owned()),
            (problems, _) => ("health bad", format!("{problems} problems")),
        },
    };
    let target = snapshot.status.as_ref().ok();
    let target = target.map(|status| match status.target.as_str() {
        "local" => "on this machine",
        _ => "on AWS",
    });
    html! {
        p class=(class) {
            span.word { (dot()) (word) }
            @if let Some(target) = target { span.quiet { (target) } }
            span.quiet { "looked at " time { (text::time_of_day(snapshot.at)) } " UTC" }
        }
    }
}

/// Returns the picture.
pub(super) fn stages(snapshot: &Snapshot) -> Markup {
    html! {
        ol.stages {
            @for (number, place) in (1..).zip(&PLACES) {
                (stage_box(number, place, snapshot))
            }
        }
    }
}

/// Returns the picture before the first look.
pub(super) fn unread() -> Markup {
    html! {
        ol.stages {
            @for (number, place) in (1..).zip(&PLACES) {
                li.stage.plain { (title(number, place)) p.word { } }
            }
        }
    }
}

fn title(number: u32, place: &Place) -> Markup {
    html! {
        h3 { span.number { (number) } (place.name) }
        p.what { (place.what) }
    }
}

fn stage_box(number: u32, place: &Place, snapshot: &Snapshot) -> Markup {
    let status = snapshot.status.as_ref().ok();
    let health = health_of(place, status);
    let stage = status.and_then(|status| stage_of(place, status));
    let facts = match (place.name, stage, status) {
        (_, Some(stage), _) => facts(stage),
        ("analyst", _, Some(status)) => last_load(status),
        _ => Vec::new(),
    };
    let is_flowing = stage
        .and_then(|stage| stage.events_per_second)
        .is_some_and(|it| it > 0.0);
    html! {
        li class={ (health.class()) @if is_flowing { " flowing" } } {
            (title(number, place))
            p.word { @if health != Health::Plain { (dot()) (health.word()) } }
            dl {
                @for (label, value) in facts { div { dt { (label) } dd { (value) } } }
            }
            @match place.stage {
                Some(name) => (line(name, snapshot)),
                None if place.name == "event" => p.hint { a href="#order" { "send one" } },
                None => p.hint { a href="#sql" { "ask" } },
            }
        }
    }
}

fn stage_of<'a>(place: &Place, status: &'a Status) -> Option<&'a Stage> {
    status
        .stages
        .iter()
        .find(|stage| Some(stage.name) == place.stage)
}

fn health_of(place: &Place, status: Option<&Status>) -> Health {
    if place.owns.is_empty() {
        return Health::Plain;
    }
    let Some(status) = status else {
        return Health::Unknown;
    };
    let is_own = |name: &str| place.owns.contains(&name);
    if status.problems.iter().any(|problem| is_own(&problem.stage)) {
        Health::Problem
    } else if status.unknown.iter().any(|unknown| is_own(&unknown.stage)) {
        Health::Unknown
    } else {
        Health::Good
    }
}

/// Returns the numbers of a stage. A number that could not be read is a question mark, never zero.
fn facts(stage: &Stage) -> Vec<Fact> {
    let known = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), text::count);
    let mut facts = Vec::new();
    if stage.events_per_second.is_some() || stage.name == StageName::Store {
        let rate = stage.events_per_second;
        facts.push(("events/s", rate.map_or_else(|| "–".to_owned(), text::rate)));
    }
    if matches!(
        stage.name,
        StageName::Stream | StageName::Transform | StageName::Load
    ) {
        facts.push(("waiting", known(stage.backlog)));
        let lag = stage.lag_seconds.map(time::Duration::seconds_f64);
        facts.push(("oldest", lag.map_or_else(|| "?".to_owned(), text::duration)));
    }
    if stage.name != StageName::Stream {
        facts.push(("rejects", known(stage.rejects)));
    }
    let counts = [
        ("dead_letters", "dead letters"),
        ("raw_objects", "objects"),
        ("staged_files", "files"),
    ];
    for (name, label) in counts {
        let count = stage.counts.get(name).copied();
        // Dead letters are rare, so they are shown only if there are any.
        let count = count.filter(|count| name != "dead_letters" || *count > 0);
        facts.extend(count.map(|count| (label, text::count(count))));
    }
    facts
}

fn last_load(status: &Status) -> Vec<Fact> {
    let Some(load) = &status.last_load else {
        return vec![("loaded", "–".to_owned())];
    };
    let number = |rows: i64| u64::try_from(rows).map_or_else(|_| rows.to_string(), text::count);
    let time = load.finished_at.get(11..19).unwrap_or(&load.finished_at);
    let mut facts = vec![
        ("loaded", time.to_owned()),
        ("rows", number(load.rows_staged)),
        ("new", number(load.rows_inserted)),
    ];
    if let Some(latency) = &status.event_to_warehouse {
        facts.push(("latency p50", format!("{} s", latency.p50_seconds)));
        facts.push(("latency p99", format!("{} s", latency.p99_seconds)));
    }
    facts
}

fn line(name: StageName, snapshot: &Snapshot) -> Markup {
    let unit = match name {
        StageName::Stream => "records that wait",
        StageName::Ingest | StageName::Query => return html! {},
        _ => "events per second",
    };
    sparkline(&snapshot.history.of(name), MAX_LOOKS, unit)
}

/// Returns the sign before a word of health. Its form differs too, for those who do not see its colour.
fn dot() -> Markup {
    html! { span.dot aria-hidden="true" {} }
}

/// Returns what is wrong or unknown, with the next command of each.
pub(super) fn problems(snapshot: &Snapshot) -> Markup {
    let status = match &snapshot.status {
        Ok(status) => status,
        Err(reason) => return html! { ul.problems { li.unknown { p { (reason) } } } },
    };
    let more = (status.problems.len() + status.unknown.len()).saturating_sub(MAX_PROBLEMS);
    let left = MAX_PROBLEMS.saturating_sub(status.problems.len());
    html! {
        @if !(status.problems.is_empty() && status.unknown.is_empty()) {
            ul.problems {
                @for problem in status.problems.iter().take(MAX_PROBLEMS) { (shown(problem, snapshot)) }
                @for unknown in status.unknown.iter().take(left) {
                    li.unknown {
                        p { strong { (unknown.stage) } ": " (unknown.what) " unknown: " (unknown.reason) }
                    }
                }
                @if more > 0 { li { p.quiet { (more) " more: " code { "stack status " (status.environment) } } } }
            }
        }
    }
}

fn shown(problem: &Problem, snapshot: &Snapshot) -> Markup {
    let since = problem
        .since
        .map(|since| text::duration(snapshot.at - since));
    html! {
        li.bad {
            p {
                strong { (problem.stage) } ": " (problem.reason)
                @if let Some(since) = since { span.quiet { " for " (since) } }
            }
            p.quiet { "next: " (problem.next.replace('`', "")) }
        }
    }
}
