//! Finds the open reject or dead letter that holds the event.

use serde_json::Value;

use super::evidence::{Evidence, found};
use crate::rejects::{OpenRejects, Reject, RejectsError, events_of, put_back};
use crate::session::Session;

/// Searches all open rejects and dead letters. The newest that matches wins.
pub(super) async fn find(
    session: &Session,
    event_id: &str,
    evidence: &Evidence,
) -> Result<Option<Reject>, RejectsError> {
    let open = OpenRejects::of(session, None).await?;
    let entry = found(&evidence.entry).map(|it| it.key.as_str());
    let staged = found(&evidence.staged).map(|it| it.key.as_str());
    let rejects = open.rejects();
    let matching = rejects
        .iter()
        .filter(|reject| is_of(reject, event_id, [entry, staged]));
    let newest = matching.max_by(|one, two| one.at.cmp(&two.at));
    let newest = newest.map(|reject| (*reject).clone());
    put_back(session, &open.letters).await;
    Ok(newest)
}

/// Returns whether the reject is of the event, or of one of the objects that hold it.
fn is_of(reject: &Reject, event_id: &str, objects: [Option<&str>; 2]) -> bool {
    if reject.reason == "dead_letter" || reject.is_file() {
        let mut objects = objects.into_iter().flatten();
        return objects.any(|key| names(reject, key));
    }
    if reject.event_id.as_deref() == Some(event_id) {
        return true;
    }
    let events = events_of(reject).unwrap_or_default();
    events.iter().any(|event| {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        event["EventId"].as_str().map(str::trim) == Some(event_id)
    })
}

/// Returns whether the record names the object. Notifications encode `/` and `=`, so only the file's name is compared.
fn names(reject: &Reject, key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    reject.record.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejects::Stage;

    fn reject(stage: Stage, reason: &str, field: &str, record: &str) -> Reject {
        let why = [reason, field, "why"];
        Reject::whole(stage, String::new(), why, String::new(), record.to_owned())
    }

    #[test]
    fn an_event_is_found_in_its_record_and_not_in_one_that_only_mentions_it() {
        let none = [None, None];
        let own = reject(
            Stage::Ingest,
            "missing",
            "InvoiceNo",
            r#"{"EventId":" e-1 "}"#,
        );
        assert!(is_of(&own, "e-1", none));
        let other = reject(
            Stage::Ingest,
            "missing",
            "InvoiceNo",
            r#"{"EventId":"e-2","Description":"e-1"}"#,
        );
        assert!(!is_of(&other, "e-1", none));
        let known = Reject {
            event_id: Some("e-1".to_owned()),
            ..other
        };
        assert!(is_of(&known, "e-1", none));
    }

    #[test]
    fn a_dead_letter_or_a_file_is_the_events_if_it_names_its_object() {
        let key = "raw/v1/dt=2026-01-02/hr=03/shardId-0/1-2.ndjson.gz";
        let message = r#"{"Records":[{"s3":{"object":{"key":"raw/v1/dt%3D2026-01-02/hr%3D03/shardId-0/1-2.ndjson.gz"}}}]}"#;
        let letter = reject(Stage::Transform, "dead_letter", "message", message);
        assert!(is_of(&letter, "e-1", [Some(key), None]));
        assert!(!is_of(&letter, "e-1", [None, None]));
        let staged = "csv/v1/dt=2026-01-02/ab-000-cd.csv.gz";
        let file = reject(Stage::Load, "set_aside", "file", staged);
        assert!(is_of(&file, "e-1", [None, Some(staged)]));
        assert!(!is_of(
            &file,
            "e-1",
            [None, Some("csv/v1/dt=2026-01-02/other.csv.gz")]
        ));
    }
}
