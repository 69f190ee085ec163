//! Finds the event in the raw lake.

use aws_sdk_s3::types::Object;
use cloudformation::CallFailure;
use events::LakeLine;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::evidence::LakeEntry;
use super::find::Clue;
use crate::load::unzip;
use crate::object;
use crate::session::Session;

/// How far back the lake is searched for an event that no other place knows.
const RECENT: Duration = Duration::hours(2);
/// How long after it was received an event may be written to the lake.
const SPAN: Duration = Duration::hours(1);
/// Difference that the clocks of API, stream and bucket may have.
const SKEW: Duration = Duration::minutes(1);
/// The most objects that are read.
const MAX_OBJECTS: usize = 200;

/// Searches the objects that were written in the hour after the event was received, oldest first; or, if that time is
/// unknown, those of the last two hours, newest first. Reads at most 200 objects.
pub(super) async fn find(
    session: &Session,
    event_id: &str,
    clue: &Clue,
) -> Result<Option<LakeEntry>, CallFailure> {
    let now = OffsetDateTime::now_utc();
    let (from, to) = match clue.received_at {
        Some(at) => (at - SKEW, at + SPAN),
        None => (now - RECENT, now + SKEW),
    };
    let (s3, bucket) = (session.s3(), &session.outputs.buckets.raw);
    let mut objects = Vec::new();
    for prefix in hours(from, to) {
        objects.extend(object::list(&s3, bucket, &prefix, usize::MAX).await?);
    }
    let mut objects = written_since(objects, from);
    if clue.received_at.is_none() {
        objects.reverse();
    }
    for (key, modified) in objects.into_iter().take(MAX_OBJECTS) {
        let Some(text) = unzip(&object::get(&s3, bucket, &key).await?) else {
            continue;
        };
        if let Some(mut entry) = entry(&text, event_id, clue) {
            entry.key = key;
            entry.modified = modified;
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Returns the prefixes of the hours between two instants.
fn hours(from: OffsetDateTime, to: OffsetDateTime) -> Vec<String> {
    let count = (to - from).whole_hours() + 1;
    let hour = |offset| {
        let at = (from + Duration::hours(offset)).min(to);
        functions::store::lake_hour(at)
    };
    let mut hours: Vec<_> = (0..=count).map(hour).collect();
    hours.dedup();
    hours
}

/// Returns the keys of the objects that were written since `from`, oldest first.
pub(super) fn written_since(
    objects: Vec<Object>,
    from: OffsetDateTime,
) -> Vec<(String, Option<OffsetDateTime>)> {
    let listed = objects.into_iter().filter_map(|object| {
        let modified = object
            .last_modified()
            .map(aws_smithy_types::DateTime::as_nanos);
        let modified =
            modified.and_then(|nanos| OffsetDateTime::from_unix_timestamp_nanos(nanos).ok());
        // The bucket's times have whole seconds.
        let is_old = modified.is_some_and(|at| at + Duration::SECOND < from);
        (!is_old).then_some((object.key?, modified))
    });
    let mut listed: Vec<_> = listed.collect();
    listed.sort_by_key(|(_, modified)| *modified);
    listed
}

/// Returns the event's line of an object, without the object's key and time.
fn entry(text: &str, event_id: &str, clue: &Clue) -> Option<LakeEntry> {
    #[derive(Deserialize)]
    struct Numbered {
        #[serde(rename = "InvoiceNo")]
        invoice_no: serde_json::Value,
    }
    let quoted = serde_json::to_string(event_id).ok()?;
    (1..).zip(text.lines()).find_map(|(number, line)| {
        // A cheap test before the line is parsed.
        if !line.contains(&quoted) {
            return None;
        }
        let line: LakeLine = serde_json::from_str(line).ok()?;
        let envelope_id = line.envelope_id.to_string();
        let is_other = clue
            .envelope_id
            .as_ref()
            .is_some_and(|id| *id != envelope_id);
        if line.event_id.as_ref() != event_id || is_other {
            return None;
        }
        let Numbered { invoice_no } = serde_json::from_str(line.event.get()).ok()?;
        let invoice_no = match invoice_no {
            serde_json::Value::String(text) => text.trim().to_owned(),
            number => number.to_string(),
        };
        let is_other = clue.invoice_no.as_ref().is_some_and(|no| *no != invoice_no);
        (!is_other).then(|| LakeEntry {
            key: String::new(),
            modified: None,
            line: number,
            envelope_id,
            invoice_no,
            received_at: line.received_at,
        })
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn line(event: &str, envelope: &str, invoice: &str) -> String {
        format!(
            r#"{{"event_id":"{event}","envelope_id":"{}","received_at":"2026-01-02T03:04:05Z","event":{{"InvoiceNo":{invoice}}}}}"#,
            envelope.repeat(32)
        )
    }

    #[test]
    fn every_hour_in_which_the_object_may_be_is_searched() {
        assert_eq!(
            hours(
                datetime!(2026-01-01 22:59 UTC),
                datetime!(2026-01-02 0:01 UTC)
            ),
            [
                "raw/v1/dt=2026-01-01/hr=22/",
                "raw/v1/dt=2026-01-01/hr=23/",
                "raw/v1/dt=2026-01-02/hr=00/"
            ]
        );
        let moment = datetime!(2026-01-01 12:30 UTC);
        assert_eq!(hours(moment, moment), ["raw/v1/dt=2026-01-01/hr=12/"]);
    }

    #[test]
    fn the_line_of_the_envelope_and_invoice_is_found_and_no_other() {
        let text = [
            line("e-10", "a", "\"536365\""),
            "no line, \"e-1\"".to_owned(),
            line("e-1", "b", "\"536366\""),
            line("e-1", "c", "536365"),
        ]
        .join("\n");
        let first = entry(&text, "e-1", &Clue::default()).unwrap();
        assert_eq!((first.line, first.invoice_no.as_str()), (3, "536366"));
        let of_invoice = Clue {
            invoice_no: Some("536365".to_owned()),
            ..Clue::default()
        };
        let found = entry(&text, "e-1", &of_invoice).unwrap();
        assert_eq!((found.line, found.envelope_id), (4, "c".repeat(32)));
        let of_envelope = Clue {
            envelope_id: Some("d".repeat(32)),
            ..Clue::default()
        };
        assert_eq!(entry(&text, "e-1", &of_envelope), None);
    }
}
