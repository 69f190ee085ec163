//! The newest events, rejects and statements.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use warehouse::RecentStatement;

use super::text;
use crate::console::snapshot::{RecentEvent, Snapshot};
use crate::rejects::{Redriven, Reject};

/// The most characters of a statement that are shown.
const MAX_SQL: usize = 140;

/// Returns the newest events of the raw lake, each with a link to its way.
pub(super) fn events(snapshot: &Snapshot) -> Markup {
    let events = match &snapshot.events {
        Ok(events) => events,
        Err(reason) => return unknown(reason),
    };
    html! {
        @if events.is_empty() {
            p.quiet { "The raw lake has no events of today or yesterday. " a href="#order" { "Send one" } "." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Table of the newest events" {
                table {
                    thead { tr { th { "received (UTC)" } th { "invoice" } th { "item" } th.number { "units" } th { "follow" } } }
                    tbody { @for event in events { (event_row(event)) } }
                }
            }
        }
    }
}

fn event_row(event: &RecentEvent) -> Markup {
    html! {
        tr {
            td { (text::time_of_day(event.received_at)) }
            td { (event.invoice_no) }
            td.wide { (event.description) }
            td.number { (event.quantity) }
            td { (link(&event.event_id, &event.invoice_no)) }
        }
    }
}

/// Returns a link to the way of an event.
fn link(event_id: &str, invoice_no: &str) -> Markup {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (id, invoice) = (encoded(event_id), encoded(invoice_no));
    html! {
        a.id id={ "follow-" (id) } href={ "/event?id=" (id) "&invoice=" (invoice) } title=(event_id) { (event_id) }
    }
}

/// Returns the newest open rejects, each with a button that sends it again.
pub(super) fn rejects(snapshot: &Snapshot) -> Markup {
    let rejects = match &snapshot.rejects {
        Ok(rejects) => rejects,
        Err(reason) => return unknown(reason),
    };
    html! {
        @if rejects.is_empty() {
            p.quiet { "No open rejects." }
        } @else {
            ul.rejects { @for reject in rejects { (reject_item(reject)) } }
            (redrive("", "Redrive all", "redrive-all"))
        }
    }
}

fn reject_item(reject: &Reject) -> Markup {
    let at = reject.at.get(11..19).unwrap_or(&reject.at);
    html! {
        li {
            div {
                p {
                    strong { (reject.stage.word()) ": " (reject.reason) } " " (reject.field)
                    span.quiet { " " (at) }
                }
                p.detail { (reject.detail) }
                @if let Some(event_id) = &reject.event_id { p { (link(event_id, "")) } }
            }
            (redrive(&reject.id, "Redrive", &format!("redrive-{}", reject.id)))
        }
    }
}

fn redrive(reject_id: &str, label: &str, button_id: &str) -> Markup {
    html! {
        form data-post="redriven" action="/redrive" method="post" {
            input type="hidden" name="id" value=(reject_id);
            button.small id=(button_id) type="submit" { (label) }
        }
    }
}

/// Returns the result of a redrive.
pub(in crate::console) fn redriven(done: &Redriven) -> Markup {
    html! {
        p { (done.redriven.len()) " redriven, " (done.left.len()) " still open" }
        @if !done.left.is_empty() {
            ul.problems { @for (id, why) in &done.left { li.unknown { p { code { (id) } " stays open: " (why) } } } }
            p.quiet { "Correct a record with " code { "stack rejects --json" } " and " code { "stack redrive --from FILE" } "." }
        }
    }
}

/// Returns the newest statements.
pub(super) fn statements(snapshot: &Snapshot) -> Markup {
    let statements = match &snapshot.statements {
        Ok(statements) => statements,
        Err(reason) => return unknown(reason),
    };
    html! {
        p.quiet { "Of the last 24 hours, as the Data API lists them: those of your own role, without the console's own." }
        @if statements.is_empty() {
            p.quiet { "No statement yet." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Table of the recent statements" {
                table {
                    thead { tr { th { "submitted (UTC)" } th { "name" } th { "statement" } th { "status" } th.number { "duration" } } }
                    tbody { @for statement in statements { (statement_row(statement)) } }
                }
            }
        }
    }
}

fn statement_row(statement: &RecentStatement) -> Markup {
    let duration = statement
        .duration
        .and_then(|it| time::Duration::try_from(it).ok());
    let sql = one_line(&statement.sql);
    html! {
        tr {
            td { (statement.submitted_at.map(text::time_of_day).unwrap_or_default()) }
            td { (statement.name) }
            td.wide { code { (sql) } }
            td { (statement.status) }
            td.number { (duration.map(text::duration).unwrap_or_default()) }
        }
    }
}

/// Returns a statement without its comments in one line of at most 140 characters.
fn one_line(sql: &str) -> String {
    let lines = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let words: Vec<_> = lines.flat_map(str::split_whitespace).collect();
    let line = words.join(" ");
    if line.chars().count() <= MAX_SQL {
        return line;
    }
    line.chars().take(MAX_SQL - 1).chain(['…']).collect()
}

fn unknown(reason: &str) -> Markup {
    html! { p.failure { "unknown: " (reason) } }
}
