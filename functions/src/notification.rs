//! What S3 says is new in a bucket, as a queue brings it.

use aws_lambda_events::s3::S3EventRecord;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// An object that was created.
#[derive(Debug)]
pub(crate) struct Created {
    /// Its key, decoded.
    pub(crate) key: String,
    /// All that S3 says of it.
    pub(crate) record: S3EventRecord,
}

/// Why a message is no notification.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotificationError {
    /// Not JSON, or not S3's.
    #[error("the message is no notification of S3")]
    Shape(#[from] serde_json::Error),
    /// Something that every notification has is not there.
    #[error("the notification names no {0}")]
    Missing(&'static str),
    /// A key that is no text.
    #[error("the key `{key}` is not UTF-8 once decoded")]
    Key {
        /// As it came.
        key: String,
        /// Where it breaks.
        source: std::str::Utf8Error,
    },
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "Records", default)]
    records: Vec<S3EventRecord>,
    /// `s3:TestEvent`, which S3 sends when the notification is set up.
    #[serde(rename = "Event")]
    event: Option<String>,
}

/// The objects that `message` says were created; none for S3's test and for removals.
pub(crate) fn created(message: &str) -> Result<Vec<Created>, NotificationError> {
    let message: Message = serde_json::from_str(message)?;
    if message.records.is_empty() && message.event.is_none() {
        return Err(NotificationError::Missing("Records"));
    }
    message
        .records
        .into_iter()
        .filter(is_creation)
        .map(|record| {
            let key = record.s3.object.key.as_deref();
            let key = decoded(key.ok_or(NotificationError::Missing("key"))?)?;
            Ok(Created { key, record })
        })
        .collect()
}

fn is_creation(record: &S3EventRecord) -> bool {
    let name = record.event_name.as_deref().unwrap_or_default();
    name.trim_start_matches("s3:").starts_with("ObjectCreated:")
}

/// S3 encodes keys as forms do: a blank is `+`, a plus is `%2B`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
fn decoded(key: &str) -> Result<String, NotificationError> {
    let blanks = key.replace('+', " ");
    let text = percent_decode_str(&blanks).decode_utf8();
    text.map(Into::into)
        .map_err(|source| NotificationError::Key {
            key: key.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        assert_eq!(decoded("a+b%2Bc").unwrap(), "a b+c");
        assert!(matches!(decoded("%ff"), Err(NotificationError::Key { .. })));
    }
}
