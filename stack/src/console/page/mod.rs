//! The pages as HTML. Pure: data in, markup out. `maud` escapes every text.

mod form;
mod layout;
mod lists;
mod sparkline;
mod stages;
mod text;
mod way;

use maud::{Markup, html};
use time::OffsetDateTime;

pub(super) use form::{failure, rows, sent};
pub(super) use layout::{missing, no_report, refused};
pub(super) use lists::redriven;
pub(super) use way::{event, way};

use super::snapshot::Snapshot;

/// Returns the main page. Without a snapshot, its sections are filled by the first look.
pub(super) fn home(environment: &str, snapshot: Option<&Snapshot>, now: OffsetDateTime) -> Markup {
    let sections = snapshot.map(sections).unwrap_or_default();
    let section = |id: &str| {
        sections
            .iter()
            .find(|(name, _)| *name == id)
            .map(|(_, it)| it)
    };
    let live = |id: &'static str| {
        html! {
            div data-part=(id) { @match section(id) { Some(markup) => (markup), None => (waiting(id)) } }
        }
    };
    let content = html! {
        div.live data-live="/live" {
            h1.hidden { "Console of " (environment) }
            (live("health"))
            section aria-labelledby="h-stages" {
                h2 id="h-stages" { "The seven stages of an event" }
                (live("stages"))
                (live("problems"))
            }
            div.columns.wide-left {
                section aria-labelledby="h-events" {
                    h2 id="h-events" { "Newest events" }
                    (live("events"))
                }
                section aria-labelledby="h-rejects" {
                    h2 id="h-rejects" { "Open rejects" }
                    (live("rejects"))
                    output id="redriven" {}
                }
            }
            div.columns {
                (form::order(now))
                (form::sql())
            }
            section aria-labelledby="h-statements" {
                h2 id="h-statements" { "Recent statements" }
                (live("statements"))
            }
        }
    };
    layout::page(environment, "Console", &content)
}

/// Returns the parts of the main page that change, by their names.
pub(super) fn sections(snapshot: &Snapshot) -> Vec<(&'static str, Markup)> {
    vec![
        ("health", stages::health(snapshot)),
        ("stages", stages::stages(snapshot)),
        ("problems", stages::problems(snapshot)),
        ("events", lists::events(snapshot)),
        ("rejects", lists::rejects(snapshot)),
        ("statements", lists::statements(snapshot)),
    ]
}

fn waiting(id: &str) -> Markup {
    html! {
        @match id {
            "health" => p.health { span.word { "reading the environment …" } },
            "stages" => (stages::unread()),
            "problems" => "",
            _ => p.quiet { "reading …" },
        }
    }
}

#[cfg(test)]
mod tests;
