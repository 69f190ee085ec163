//! Follows one event until it is in the warehouse or cannot get there.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Html;
use axum::response::sse::{Event, KeepAlive, Sse};
use events::{EventId, InvoiceNo};
use futures_util::{Stream, stream};
use maud::Markup;
use serde::Deserialize;

use super::{Site, html};
use crate::console::page;
use crate::console::server::Shared;
use crate::status::causes;
use crate::trace::{self, Outcome, Trace, Wanted};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// The most looks: a pipeline on AWS may collect work for five minutes before each of two stages.
const MAX_LOOKS: u32 = 1200;

/// The event that the address names.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    id: String,
    #[serde(default)]
    invoice: String,
}

impl Named {
    fn wanted(&self) -> Result<Wanted, String> {
        let invoice = Some(self.invoice.trim()).filter(|text| !text.is_empty());
        let invoice = invoice.map(str::parse::<InvoiceNo>).transpose();
        Ok(Wanted {
            event_id: self
                .id
                .parse::<EventId>()
                .map_err(|error| error.to_string())?,
            invoice_no: invoice.map_err(|error| error.to_string())?,
        })
    }
}

/// The page of one event. It reads nothing: the way is sent by `/event/live`.
pub(super) async fn event(State(shared): Site, Query(named): Query<Named>) -> Html<String> {
    let name = shared.environment.as_ref();
    html(page::event(name, &named.id, &named.invoice))
}

/// Sends the event's way again and again until it is final, and then `end`.
pub(super) async fn live(
    State(shared): Site,
    Query(named): Query<Named>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let looks = stream::unfold(Some(0_u32), move |looks| {
        let (shared, wanted) = (shared.clone(), named.wanted());
        async move {
            let looks = looks?;
            if looks == u32::MAX {
                return Some((Ok(Event::default().event("end").data("")), None));
            }
            if looks > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let (markup, is_final) = look(&shared, wanted).await;
            let next = match is_final || looks >= MAX_LOOKS {
                true => u32::MAX,
                false => looks + 1,
            };
            let event = Event::default().event("way").data(markup.into_string());
            Some((Ok(event), Some(next)))
        }
    });
    Sse::new(looks).keep_alive(KeepAlive::default())
}

/// Returns the event's way as HTML, and whether it will not change by itself.
async fn look(shared: &Shared, wanted: Result<Wanted, String>) -> (Markup, bool) {
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(reason) => return (page::failure(&reason), true),
    };
    match shared.sessions.get().await {
        Ok(session) => {
            let trace = trace::find(&session, &wanted).await;
            (page::way(&trace), is_final(&trace))
        }
        Err(error) => (page::failure(&causes(&error)), false),
    }
}

fn is_final(trace: &Trace) -> bool {
    match trace.outcome {
        Outcome::InWarehouse | Outcome::Rejected | Outcome::Quarantined | Outcome::DeadLetter => {
            true
        }
        Outcome::OnItsWay | Outcome::NotFound | Outcome::Unknown => false,
    }
}
