//! The actions of the page. Each answers with a fragment of HTML.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::extract::{Form, State};
use axum::response::Html;
use maud::Markup;
use serde::Deserialize;
use warehouse::{Answer, WarehouseError};

use super::{Site, html};
use crate::console::order::Order;
use crate::console::page;
use crate::console::shared::Shared;
use crate::rejects::{OpenRejects, redrive as redrive_rejects};
use crate::session::Session;
use crate::status::causes;

/// The most rows that are shown.
const MAX_ROWS: usize = 200;
/// After this time a statement is cancelled.
const LIMIT: Duration = Duration::from_mins(1);

/// Sends one order line to the API, and follows it.
pub(super) async fn send(State(shared): Site, Form(order): Form<Order>) -> Html<String> {
    let event_id = format!("console-{}", uuid::Uuid::new_v4().simple());
    let event = order.event(&event_id);
    let sent = async {
        let session = shared
            .sessions
            .get()
            .await
            .map_err(|error| causes(&error))?;
        let sent = producer::resend(session.api(), &[event]).await;
        sent.map_err(|error| causes(&error))
    };
    html(match sent.await {
        Ok(refused) => match refused.first() {
            Some((_, why)) => page::failure(&format!("the API rejected it: {why}")),
            None => page::sent(&event_id, order.invoice_no.trim()),
        },
        Err(reason) => page::failure(&reason),
    })
}

/// Statement of the SQL box.
#[derive(Debug, Deserialize)]
pub(super) struct Sql {
    sql: String,
}

/// Runs a statement as the analysts' user, and cancels it after a minute.
pub(super) async fn sql(State(shared): Site, Form(Sql { sql }): Form<Sql>) -> Html<String> {
    let session = match shared.sessions.get().await {
        Ok(session) => session,
        Err(error) => return html(page::failure(&causes(&error))),
    };
    let answer = html(run(&session, &sql).await);
    shared.feed.look_again();
    answer
}

async fn run(session: &Session, sql: &str) -> Markup {
    let Some(warehouse) = session.analysts_warehouse() else {
        return page::failure("the environment has no login for analysts: `stack deploy` makes it");
    };
    let started = Instant::now();
    let stop = tokio::time::sleep(LIMIT);
    // One row more tells whether there are more.
    let answer = warehouse.query_first_until("stack console", sql, MAX_ROWS + 1, stop);
    match answer.await {
        Ok(Answer::Rows(rows)) => page::rows(&rows, MAX_ROWS, started.elapsed()),
        Ok(Answer::Interrupted { .. }) => page::failure(&format!(
            "cancelled after {} s: `stack query` has no limit",
            LIMIT.as_secs()
        )),
        Err(WarehouseError::Failed { message, .. }) => page::failure(&message),
        Err(error) => page::failure(&causes(&error)),
    }
}

/// The reject to send again; all if there is no id.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    id: String,
}

/// Redrives one reject or all of them, as `stack redrive` does.
pub(super) async fn redrive(
    State(shared): Site,
    Form(Chosen { id }): Form<Chosen>,
) -> Html<String> {
    let answer = html(match again(&shared, &id).await {
        Ok(markup) => markup,
        Err(reason) => page::failure(&reason),
    });
    shared.feed.look_again();
    answer
}

async fn again(shared: &Shared, id: &str) -> Result<Markup, String> {
    let session = shared
        .sessions
        .get()
        .await
        .map_err(|error| causes(&error))?;
    let open = OpenRejects::of(&session, None).await;
    let mut open = open.map_err(|error| causes(&error))?;
    open.retain(&session, |reject| id.is_empty() || reject.id == id)
        .await;
    let done = redrive_rejects(&session, &open, &BTreeMap::new()).await;
    let done = done.map_err(|error| causes(&error))?;
    Ok(page::redriven(&done))
}
