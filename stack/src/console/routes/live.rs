//! The live page: Server-Sent Events with the sections that changed.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _, stream};

use super::Site;
use crate::console::page;

/// Sends each section of the page when it changes, as an event that is named after the section's id.
pub(super) async fn live(
    State(shared): Site,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = shared.feed.subscribe();
    let sent = BTreeMap::<&'static str, String>::new();
    let looks = stream::unfold((receiver, sent), |(mut receiver, mut sent)| async move {
        receiver.changed().await.ok()?;
        let snapshot = receiver.borrow_and_update().clone();
        let sections = snapshot.map(|snapshot| page::sections(&snapshot));
        let mut events = Vec::new();
        for (id, markup) in sections.unwrap_or_default() {
            let html = markup.into_string();
            if sent.get(id) != Some(&html) {
                events.push(Ok(Event::default().event(id).data(&html)));
                sent.insert(id, html);
            }
        }
        Some((stream::iter(events), (receiver, sent)))
    });
    Sse::new(looks.flatten()).keep_alive(KeepAlive::default())
}
