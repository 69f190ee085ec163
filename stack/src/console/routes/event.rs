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
use crate::console::shared::Shared;
use crate::status::causes;
use crate::trace::{self, Outcome, Wanted};

/// Pause between two looks in the first minute.
const PAUSE: Duration = Duration::from_secs(1);
/// Pause between two looks after the first minute.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// Number of looks in the first minute.
const SHORT_LOOKS: u32 = 60;
/// The most looks. A pipeline on AWS may collect work for five minutes before each of two stages.
const MAX_LOOKS: u32 = 240;
/// The most looks for an event that no place has.
const MAX_LOOKS_FOR_NOTHING: u32 = 20;

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
    let wanted = named.wanted();
    let looks = stream::unfold(Next::Look(0), move |next| {
        let (shared, wanted) = (shared.clone(), wanted.clone());
        async move {
            let number = match next {
                Next::Look(number) => number,
                // An event without data is not delivered.
                Next::End => {
                    return Some((Ok(Event::default().event("end").data("-")), Next::Nothing));
                }
                Next::Nothing => return None,
            };
            match number {
                0 => {}
                1..SHORT_LOOKS => tokio::time::sleep(PAUSE).await,
                _ => tokio::time::sleep(LONG_PAUSE).await,
            }
            let (markup, most) = look(&shared, wanted).await;
            let event = Event::default().event("way").data(markup.into_string());
            let next = if number < most {
                Next::Look(number + 1)
            } else {
                Next::End
            };
            Some((Ok(event), next))
        }
    });
    Sse::new(looks).keep_alive(KeepAlive::default())
}

/// What the stream sends next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The look with this number, from 0.
    Look(u32),
    End,
    Nothing,
}

/// Returns the event's way as HTML, and the number of the look after which no further one is useful.
async fn look(shared: &Shared, wanted: Result<Wanted, String>) -> (Markup, u32) {
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(reason) => return (page::failure(&reason), 0),
    };
    match shared.sessions.get().await {
        Ok(session) => {
            let trace = trace::find(&session, &wanted).await;
            (page::way(&trace), most_looks(trace.outcome))
        }
        Err(error) => (page::failure(&causes(&error)), MAX_LOOKS_FOR_NOTHING),
    }
}

fn most_looks(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::InWarehouse | Outcome::Rejected | Outcome::Quarantined | Outcome::DeadLetter => 0,
        Outcome::OnItsWay => MAX_LOOKS,
        Outcome::NotFound | Outcome::Unknown => MAX_LOOKS_FOR_NOTHING,
    }
}
