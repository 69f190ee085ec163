//! Parses S3 notifications that arrive through SQS.

use std::error::Error;

use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sqs::SqsMessage;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::logs;

/// A created object.
#[derive(Debug)]
pub(crate) struct Created {
    /// The URL-decoded key.
    pub(crate) key: String,
    /// The whole record of the notification.
    pub(crate) record: S3EventRecord,
}

/// A message that is not a valid notification.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotificationError {
    /// The message is not JSON, or not an S3 notification.
    #[error("the message is not an S3 notification")]
    Shape(#[from] serde_json::Error),
    /// A required part is missing.
    #[error("the notification has no {0}")]
    Missing(&'static str),
    /// The URL-decoded key is not UTF-8.
    #[error("the key `{key}` is not UTF-8 once decoded")]
    Key {
        /// The key as it came.
        key: String,
        source: std::str::Utf8Error,
    },
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "Records", default)]
    records: Vec<S3EventRecord>,
    /// `s3:TestEvent`, which S3 sends when the notification is configured.
    #[serde(rename = "Event")]
    event: Option<String>,
}

/// Returns what `item` builds of each object that `message` reports as created; `None` if the message or one of its
/// objects is invalid, which is logged. The test event of S3 and removals have no objects.
pub(crate) fn read<T, E>(
    message: &SqsMessage,
    item: impl Fn(Created) -> Result<T, E>,
) -> Option<Vec<T>>
where
    E: Error + From<NotificationError> + 'static,
{
    let read = parse(message.body.as_deref().unwrap_or_default(), item);
    read.inspect_err(|error| {
        let id = message.message_id.as_deref();
        tracing::error!(
            cause = logs::chain(error),
            id,
            "message names no usable object"
        );
    })
    .ok()
}

/// Does the same with the text of a message, and returns the error.
pub(crate) fn parse<T, E: From<NotificationError>>(
    text: &str,
    item: impl Fn(Created) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    created(text)?.into_iter().map(item).collect()
}

fn created(text: &str) -> Result<Vec<Created>, NotificationError> {
    let message: Message = serde_json::from_str(text)?;
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

/// Decodes a key. S3 encodes keys like HTML forms: a space is `+`, a plus is `%2B`.
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
    fn keys_are_decoded_like_html_forms() {
        assert_eq!(decoded("a+b%2Bc").unwrap(), "a b+c");
        assert!(matches!(decoded("%ff"), Err(NotificationError::Key { .. })));
    }
}
