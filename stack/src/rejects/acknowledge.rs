//! Acknowledges rejects. Nothing is deleted.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::location::{acknowledged, closed};
use super::objects::ids;
use super::{Reject, RejectObject};
use crate::object::{self, Written};

/// Maximum number of attempts when another command writes the same object at the same time.
const ATTEMPTS: usize = 20;

/// Why a reject is closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The user acknowledged it.
    Acknowledged,
    /// It was redriven and accepted.
    Redriven,
}

#[derive(Serialize)]
struct ClosedReject<'a> {
    #[serde(flatten)]
    reject: &'a Reject,
    how: Resolution,
    handled_at: &'a str,
}

/// Acknowledges `rejects`, which are lines of `object`. Idempotent: a line that was acknowledged before does not
/// change. Safe for concurrent commands: each adds its lines to those of the others.
///
/// # Errors
///
/// When the bucket cannot be read or written.
pub async fn acknowledge(
    s3: &Client,
    object: &RejectObject,
    rejects: &[Reject],
    how: Resolution,
) -> Result<(), CallFailure> {
    let now = OffsetDateTime::now_utc().format(&Rfc3339);
    let now = now.unwrap_or_default();
    let key = acknowledged(&object.key);
    for _ in 0..ATTEMPTS {
        let found = object::find(s3, &object.bucket, &key).await?;
        let (before, etag) = match &found {
            Some((bytes, etag)) => (bytes.as_slice(), Some(etag.as_str())),
            None => (&[][..], None),
        };
        let (text, known) = added(before, rejects, how, &now);
        if text.len() > before.len() {
            let put = object::put_over(s3, &object.bucket, &key, text, etag).await?;
            if put == Written::ByAnother {
                continue;
            }
        }
        if object.ids.is_subset(&known) {
            let marker = closed(&object.key, &object.etag);
            object::put(s3, &object.bucket, &marker, Vec::new()).await?;
        }
        return Ok(());
    }
    Err(CallFailure::new(
        format!("s3 PutObject s3://{}/{key}", object.bucket),
        "PreconditionFailed",
        format!(
            "other commands changed it at the same time, {ATTEMPTS} times: run the command again"
        ),
    ))
}

/// Appends those of `rejects` that are not acknowledged yet to the acknowledged lines. Returns the lines and all ids.
fn added(
    before: &[u8],
    rejects: &[Reject],
    how: Resolution,
    now: &str,
) -> (Vec<u8>, BTreeSet<String>) {
    let mut known = ids(before);
    let mut text = before.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    for reject in rejects {
        if !known.insert(reject.id.clone()) {
            continue;
        }
        let line = ClosedReject {
            reject,
            how,
            handled_at: now,
        };
        // Strings can always be serialised, and a write to a `Vec` cannot fail.
        let _ = serde_json::to_writer(&mut text, &line);
        text.push(b'\n');
    }
    (text, known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejects::Stage;

    fn reject(position: &str) -> Reject {
        let why = ["missing", "InvoiceNo", "absent"];
        let at = "2026-01-02T00:00:00Z".to_owned();
        Reject::whole(Stage::Store, at, why, position.to_owned(), "{}".to_owned())
    }

    #[test]
    fn a_line_is_added_once_and_keeps_how_it_was_handled_first() {
        let (one, two) = (reject("1"), reject("2"));
        let (text, _) = added(
            b"",
            &[one.clone(), one.clone()],
            Resolution::Redriven,
            "then",
        );
        let (again, known) = added(
            &text,
            &[one.clone(), two.clone()],
            Resolution::Acknowledged,
            "now",
        );
        assert!(again.starts_with(&text));
        assert_eq!(known, [one.id, two.id].into());
        let lines: Vec<serde_json::Value> = again
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (&lines[0]["how"], &lines[0]["handled_at"]),
            (&"redriven".into(), &"then".into())
        );
        assert_eq!(
            (&lines[1]["how"], &lines[1]["record"]),
            (&"acknowledged".into(), &"{}".into())
        );
    }
}
