//! What could not be understood, kept for a person: NDJSON under `rejects/`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use events::Reject;
use serde::Serialize;

/// One refused record, one line of a reject object.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Rejected {
    /// Why, for programs: a word of [`events::Reason`] or of [`Rejected`]'s makers.
    pub reason: String,
    /// The part that is wrong: a field's name, or `record` when it is the whole.
    pub field: String,
    /// Why, for people.
    pub detail: String,
    /// Where it was, for people: `csv/v1/….csv.gz, line 7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Its event, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// What came, as a text; in base64 when it is no UTF-8, which `detail` says.
    pub record: String,
}

impl Rejected {
    /// A record that is not even an event.
    #[must_use]
    pub fn record(reason: &str, detail: impl Into<String>, record: String) -> Self {
        Self {
            reason: reason.to_owned(),
            field: "record".to_owned(),
            detail: detail.into(),
            position: None,
            event_id: None,
            record,
        }
    }

    /// A row of a staged file that the warehouse refuses; `position` is its file and line, `row` its original bytes.
    #[must_use]
    pub fn row(
        column: Option<&str>,
        detail: &str,
        position: String,
        event_id: Option<String>,
        row: &[u8],
    ) -> Self {
        let (detail, record) = match str::from_utf8(row) {
            Ok(text) => (detail.to_owned(), text.to_owned()),
            Err(_) => (
                format!("{detail}; the row is no UTF-8 and kept in base64"),
                BASE64_STANDARD.encode(row),
            ),
        };
        Self {
            field: column.unwrap_or("record").to_owned(),
            position: Some(position),
            event_id,
            ..Self::record("copy_refused", detail, record)
        }
    }

    /// A file that cannot be used at all; the record is its key.
    #[must_use]
    pub fn file(reason: &str, detail: impl Into<String>, key: String) -> Self {
        Self {
            field: "file".to_owned(),
            ..Self::record(reason, detail, key)
        }
    }

    /// An event that was refused.
    #[must_use]
    pub fn event(reject: &Reject, event: &str) -> Self {
        Self {
            reason: word(&reject.reason),
            field: word(&reject.field),
            detail: reject.detail.clone(),
            position: None,
            event_id: None,
            record: event.to_owned(),
        }
    }
}

/// The word that serde has for a variant.
fn word(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Rejects as the lines of an object.
#[must_use]
pub fn ndjson(rejects: &[Rejected]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for reject in rejects {
        // Four texts always serialise, and a Vec takes every write.
        let _ = serde_json::to_writer(&mut bytes, reject);
        bytes.push(b'\n');
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_is_one_line_whatever_the_record_holds() {
        let event = "{\n\"Quantity\":\"six\"}";
        let reject = events::read(event).unwrap_err();
        let lines = ndjson(&[
            Rejected::event(&reject, event),
            Rejected::record("not_base64", "the data is not base64", "£\n".to_owned()),
        ]);
        insta::assert_snapshot!(String::from_utf8(lines).unwrap(), @r#"
        {"reason":"missing","field":"InvoiceNo","detail":"required, but absent, null or blank","record":"{\n\"Quantity\":\"six\"}"}
        {"reason":"not_base64","field":"record","detail":"the data is not base64","record":"£\n"}
        "#);
    }
}
