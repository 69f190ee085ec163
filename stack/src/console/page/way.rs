//! The way of one event.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use time::OffsetDateTime;

use super::{layout, text};
use crate::trace::{Outcome, Place, State, Step, Trace};

/// Returns the page of an event. Its way is sent by `/event/live`.
pub(in crate::console) fn event(environment: &str, event_id: &str, invoice_no: &str) -> Markup {
    let content = html! {
        p { a href="/" { "← Console" } }
        section.event {
            h1 { "Event " code { (event_id) } }
            (live(event_id, invoice_no))
        }
    };
    layout::page(environment, "Event", &content)
}

/// Returns the place that the server fills with the event's way.
pub(super) fn live(event_id: &str, invoice_no: &str) -> Markup {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (id, invoice) = (encoded(event_id), encoded(invoice_no));
    html! {
        div data-live={ "/event/live?id=" (id) "&invoice=" (invoice) } {
            div data-part="way" role="status" { p.quiet { "looking for the event …" } }
        }
    }
}

/// Returns the steps of an event.
pub(in crate::console) fn way(trace: &Trace) -> Markup {
    let class = match trace.outcome {
        Outcome::InWarehouse => "health good",
        Outcome::OnItsWay => "health plain",
        Outcome::NotFound | Outcome::Unknown => "health unknown",
        Outcome::Rejected | Outcome::Quarantined | Outcome::DeadLetter => "health bad",
    };
    let start = trace.steps.iter().find_map(|step| step.at);
    html! {
        p class=(class) { span.word { span.dot aria-hidden="true" {} (trace.explanation) } }
        @if let Some(next) = &trace.next { p.quiet { "next: " (next.replace('`', "")) } }
        ol.way { @for step in &trace.steps { (step_item(step, start)) } }
    }
}

fn step_item(step: &Step, start: Option<OffsetDateTime>) -> Markup {
    let class = match step.state {
        State::Done => "step good",
        State::Waiting => "step waiting",
        State::Absent => "step plain",
        State::Rejected => "step bad",
        State::Unknown => "step unknown",
    };
    let since = step.at.zip(start).map(|(at, start)| at - start);
    let since = since.filter(|since| since.is_positive());
    html! {
        li class=(class) {
            div.head {
                strong { span.dot aria-hidden="true" {} (step.place.title()) }
                span.quiet { (step.stage) ", " (step.state.word()) }
                span.at {
                    @if let Some(at) = step.at { time { (arrived(step.place, at)) } }
                    @if let Some(since) = since { span.quiet { " + " (text::duration(since)) } }
                }
            }
            @if let Some(reason) = &step.reason { p { (reason) } }
            @if !step.facts.is_empty() {
                dl.facts {
                    @for fact in &step.facts {
                        div { dt { (fact.name.replace('_', " ")) } dd { code { (fact.value) } } }
                    }
                }
            }
        }
    }
}

/// Formats the time of a step. The warehouse keeps whole seconds, so milliseconds would be invented.
fn arrived(place: Place, at: OffsetDateTime) -> String {
    match place {
        Place::Load | Place::Warehouse => text::time_of_day(at),
        _ => text::clock(at),
    }
}
