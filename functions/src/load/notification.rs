//! What S3 says is new in the staging bucket.

use aws_lambda_events::s3::S3EventRecord;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use warehouse::load::{StagedFile, StagedFileError};

/// Why a message names no files.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotificationError {
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
    /// A file that is not ours to load.
    #[error("the notification names a file that cannot be loaded")]
    File(#[from] StagedFileError),
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "Records", default)]
    records: Vec<S3EventRecord>,
    /// `s3:TestEvent`, which S3 sends when the notification is set up.
    #[serde(rename = "Event")]
    event: Option<String>,
}

/// The staged files that `message` says were created; none for S3's test and for removals.
pub(super) fn read(message: &str) -> Result<Vec<StagedFile>, NotificationError> {
    let message: Message = serde_json::from_str(message)?;
    if message.records.is_empty() && message.event.is_none() {
        return Err(NotificationError::Missing("Records"));
    }
    message
        .records
        .into_iter()
        .filter(is_creation)
        .map(file)
        .collect()
}

fn is_creation(record: &S3EventRecord) -> bool {
    let name = record.event_name.as_deref().unwrap_or_default();
    name.trim_start_matches("s3:").starts_with("ObjectCreated:")
}

/// S3 encodes keys as forms do: a blank is `+`, a plus is `%2B`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
fn file(record: S3EventRecord) -> Result<StagedFile, NotificationError> {
    let key = record
        .s3
        .object
        .key
        .ok_or(NotificationError::Missing("key"))?;
    let blanks = key.replace('+', " ");
    match percent_decode_str(&blanks).decode_utf8() {
        Ok(decoded) => Ok(StagedFile::at(&decoded)?),
        Err(source) => Err(NotificationError::Key { key, source }),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const CREATED: &str = include_str!("../../tests/fixtures/s3-object-created.json");
    const TEST: &str = include_str!("../../tests/fixtures/s3-test-event.json");
    const RAW: &str = "raw/v1/dt%3D2026-01-02/hr%3D03/shardId-000000000000/49-51.ndjson.gz";

    /// A notification of an object at the encoded `key`.
    pub(in crate::load) fn created(key: &str) -> String {
        CREATED.replace(RAW, key)
    }

    #[test]
    fn a_staged_file_is_named_with_its_key_decoded() {
        let files = read(&created("csv/v1/dt%3D2026-01-02/0123.csv.gz")).unwrap();
        assert_eq!(
            files,
            [StagedFile::at("csv/v1/dt=2026-01-02/0123.csv.gz").unwrap()]
        );
    }

    #[test]
    fn the_test_that_s3_sends_and_removals_name_nothing() {
        assert_eq!(read(TEST).unwrap(), []);
        let removed =
            created("csv/v1/a.csv.gz").replace("ObjectCreated:Put", "ObjectRemoved:Delete");
        assert_eq!(read(&removed).unwrap(), []);
    }

    #[test]
    fn other_messages_and_other_files_are_refused() {
        for message in [
            "",
            "[]",
            "{}",
            "{\"Records\":[{\"eventName\":\"x\"}]}",
            CREATED,
        ] {
            assert!(read(message).is_err(), "{message}");
        }
        let error = read(&created("csv/v1/%ff.csv.gz")).unwrap_err();
        assert!(matches!(error, NotificationError::Key { .. }));
        let error = read(&created("csv/v1/a+b.csv.gz")).unwrap_err();
        assert!(
            matches!(error, NotificationError::File(StagedFileError::Name(name)) if name.contains("a b"))
        );
    }
}
