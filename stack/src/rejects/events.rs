//! Extracts events from a reject, so that they can be sent to the API again. Pure.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use events::row::COLUMNS;
use serde_json::{Map, Value};

use super::{Reject, Stage};

/// Returns the events of the record, each with an `EventId`: the event's own, otherwise the one that the platform
/// knows, otherwise one derived from the reject's id. Redriving the same reject twice therefore gives the same event.
///
/// # Errors
///
/// The reason why the record has no event.
pub fn events_of(reject: &Reject) -> Result<Vec<String>, String> {
    let bytes = reject.bytes();
    if reject.stage == Stage::Load {
        return Ok(vec![of_row(&bytes)?.to_string()]);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "the record is not UTF-8".to_owned())?;
    let Ok(record) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Err("the record is not a JSON object".to_owned());
    };
    if let Some(Value::String(payload)) = record.get("payload") {
        let payload = serde_json::from_str(payload).unwrap_or_default();
        return of_invocation(&payload);
    }
    if let Some(payload @ Value::Object(_)) = record.get("payload") {
        return of_invocation(payload);
    }
    if let Some(Value::Array(entries)) = record.get("events") {
        return of_entries(entries);
    }
    if record.contains_key("event_id") && record.contains_key("event") {
        return of_entries(&[Value::Object(record)]);
    }
    let known = reject.event_id.clone();
    let id = known.unwrap_or_else(|| format!("redriven-{}", reject.id));
    Ok(vec![with_id(text, &record, &id)])
}

/// Returns the event unchanged if it has an id, otherwise with `id` added.
fn with_id(text: &str, event: &Map<String, Value>, id: &str) -> String {
    let has_id = |id: &Value| !(id.is_null() || id.as_str().is_some_and(|id| id.trim().is_empty()));
    if event.get("EventId").is_some_and(has_id) {
        return text.to_owned();
    }
    let mut event = event.clone();
    event.insert("EventId".to_owned(), id.into());
    Value::Object(event).to_string()
}

/// Reads the lines of an envelope or of the lake.
fn of_entries(entries: &[Value]) -> Result<Vec<String>, String> {
    let of = |entry: &Value| {
        let (id, event) = (entry["event_id"].as_str()?, entry["event"].as_object()?);
        Some(with_id(&entry["event"].to_string(), event, id))
    };
    let events: Option<Vec<_>> = entries.iter().map(of).collect();
    events.ok_or_else(|| "an entry has no event with an event_id".to_owned())
}

/// Reads the stream records of a batch that Lambda discarded.
fn of_invocation(payload: &Value) -> Result<Vec<String>, String> {
    let records = payload["Records"].as_array();
    let mut events = Vec::new();
    for record in records.ok_or("the failed invocation has no records")? {
        let data = BASE64_STANDARD.decode(record["kinesis"]["data"].as_str().unwrap_or_default());
        let envelope: Value = serde_json::from_slice(&data.unwrap_or_default()).unwrap_or_default();
        let entries = envelope["events"].as_array();
        events.extend(of_entries(
            entries.ok_or("a record of the batch is not an envelope")?,
        )?);
    }
    Ok(events)
}

/// Converts a staged row to an event.
fn of_row(row: &[u8]) -> Result<Value, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(row);
    let Some(Ok(fields)) = reader.records().next() else {
        return Err("the record is not a row of CSV".to_owned());
    };
    if fields.len() != COLUMNS.len() {
        return Err(format!(
            "the row has {} fields, not {}",
            fields.len(),
            COLUMNS.len()
        ));
    }
    let mut event = Map::new();
    for (column, field) in COLUMNS.iter().zip(&fields) {
        let Some(name) = column.field() else {
            continue;
        };
        if !field.is_empty() {
            // ISO 8601 has a `T` between date and time.
            let is_date = name == "InvoiceDate";
            let field = if is_date {
                field.replacen(' ', "T", 1)
            } else {
                field.to_owned()
            };
            event.insert(name.to_owned(), field.into());
        }
    }
    Ok(Value::Object(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(stage: Stage, record: &str) -> Reject {
        let at = "2026-01-02T00:00:00Z".to_owned();
        let why = ["missing", "InvoiceNo", "absent"];
        Reject::whole(stage, at, why, "1".to_owned(), record.to_owned())
    }

    #[test]
    fn an_event_keeps_its_id_and_gets_the_known_or_a_stable_one_otherwise() {
        let own = reject(Stage::Store, r#"{"EventId":"e-1", "Quantity":2.50}"#);
        assert_eq!(events_of(&own).unwrap().concat(), own.record);
        let mut without = reject(Stage::Store, r#"{"Quantity":6}"#);
        let events = events_of(&without).unwrap();
        assert!(events[0].contains(&format!("redriven-{}", without.id)));
        assert_eq!(events, events_of(&without).unwrap());
        without.event_id = Some("known".to_owned());
        assert!(events_of(&without).unwrap()[0].contains("\"known\""));
    }

    #[test]
    fn a_line_of_the_lake_gives_its_event_with_the_id_of_the_line() {
        let line = r#"{"event_id":"e-1","envelope_id":"x","event":{"InvoiceNo":"1"}}"#;
        let events = events_of(&reject(Stage::Transform, line)).unwrap();
        let event: Value = serde_json::from_str(&events[0]).unwrap();
        assert_eq!(
            (&event["EventId"], &event["InvoiceNo"]),
            (&"e-1".into(), &"1".into())
        );
    }

    #[test]
    fn a_row_becomes_an_event_that_the_platform_reads() {
        let first = "e-1,00000000000000000000000000000001,536365,sale,85123A,\"A \"\"B\"\"\",6,2010-12-01 08:26:00,2.55,,France,2026-01-02 00:00:00";
        // Columns of later versions are empty.
        let row = [first, &",".repeat(COLUMNS.len() - 12)].concat();
        let events = events_of(&reject(Stage::Load, &row)).unwrap();
        let event = ::events::read(&events[0]).unwrap();
        assert_eq!(event.line.description.as_deref(), Some("A \"B\""));
        assert_eq!((event.line.quantity, event.line.customer_id), (6, None));
        assert!(events_of(&reject(Stage::Load, "a,b")).is_err());
    }

    #[test]
    fn what_is_no_object_holds_no_event() {
        for record in ["this is no envelope", "[]", "", "{\"events\":[1]}"] {
            assert!(
                events_of(&reject(Stage::Store, record)).is_err(),
                "{record}"
            );
        }
    }
}
