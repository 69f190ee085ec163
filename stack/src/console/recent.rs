//! Reads the newest events, rejects and statements.

use cloudformation::CallFailure;
use events::LakeLine;
use serde::Deserialize;
use serde_json::Value;
use warehouse::RecentStatement;

use super::snapshot::{Answer, RecentEvent};
use crate::load::unzip;
use crate::object;
use crate::rejects::{Reject, newest_open};
use crate::session::Session;
use crate::status::causes;

/// Number of events that are shown.
const EVENTS: usize = 12;
/// Number of rejects that are shown, about.
const REJECTS: usize = 12;
/// Number of statements that are shown.
const STATEMENTS: usize = 12;

/// Reads the newest events in the objects `keys` of the raw lake, whose newest object is first.
pub(super) async fn events(session: &Session, keys: &[&str]) -> Answer<Vec<RecentEvent>> {
    let (s3, bucket) = (session.s3(), &session.outputs.buckets.raw);
    let mut events = Vec::new();
    for key in keys {
        if events.len() >= EVENTS {
            break;
        }
        let bytes = object::get(&s3, bucket, key).await;
        let bytes = bytes.map_err(|error: CallFailure| causes(&error))?;
        events.extend(last_lines(&unzip(&bytes).unwrap_or_default()));
    }
    events.sort_by_key(|event| std::cmp::Reverse(event.received_at));
    events.truncate(EVENTS);
    Ok(events)
}

/// Returns the last events of an object, the last first.
fn last_lines(text: &str) -> Vec<RecentEvent> {
    let lines = text.lines().rev().filter_map(event);
    lines.take(EVENTS).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    invoice_no: Value,
    #[serde(default)]
    description: Value,
    #[serde(default)]
    quantity: Value,
}

fn event(line: &str) -> Option<RecentEvent> {
    let line: LakeLine = serde_json::from_str(line).ok()?;
    let fields: Fields = serde_json::from_str(line.event.get()).ok()?;
    Some(RecentEvent {
        event_id: line.event_id.to_string(),
        invoice_no: text(&fields.invoice_no),
        description: text(&fields.description),
        quantity: text(&fields.quantity),
        received_at: line.received_at,
    })
}

/// Returns a field as text: producers send numbers as strings too.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// Reads the newest open rejects.
pub(super) async fn rejects(session: &Session) -> Answer<Vec<Reject>> {
    let rejects = newest_open(&session.s3(), &session.outputs.buckets, REJECTS).await;
    let mut rejects = rejects.map_err(|error| causes(&error))?;
    rejects.truncate(REJECTS);
    Ok(rejects)
}

/// Lists the newest statements of the admin and of the analysts, without those that the console runs to look.
pub(super) async fn statements(session: &Session) -> Answer<Vec<RecentStatement>> {
    let is_users = |name: &str| {
        // The text of a login's statement has the hash of its password.
        let hidden = ["stack status", "query/", "login/"];
        !hidden.iter().any(|start| name.starts_with(start))
    };
    let warehouse = session.warehouse();
    let listed = warehouse.recent_statements(STATEMENTS, is_users).await;
    listed.map_err(|error| causes(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_an_object_are_its_newest_events() {
        let line = |id: &str, quantity: &str| {
            format!(
                r#"{{"event_id":"{id}","envelope_id":"{}","received_at":"2026-01-02T03:04:05Z","event":{{"InvoiceNo":536365,"Description":null,"Quantity":{quantity}}}}}"#,
                "a".repeat(32)
            )
        };
        let text = [
            line("e-1", "6"),
            "no line".to_owned(),
            line("e-2", "\" 7 \""),
        ]
        .join("\n");
        let events = last_lines(&text);
        let shown: Vec<_> = events
            .iter()
            .map(|it| {
                [
                    it.event_id.as_str(),
                    &it.invoice_no,
                    &it.description,
                    &it.quantity,
                ]
            })
            .collect();
        assert_eq!(
            shown,
            [["e-2", "536365", "", "7"], ["e-1", "536365", "", "6"]]
        );
    }
}
