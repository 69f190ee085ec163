//! Staged files that S3 notifications name.

use warehouse::load::{StagedFile, StagedFileError};

use crate::notification::{Created, NotificationError};

/// A message that names no files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StagedError {
    /// The message is not a valid notification.
    #[error(transparent)]
    Notification(#[from] NotificationError),
    /// The notification names an object that is not a staged file.
    #[error("the notification names an object that is not a staged file")]
    File(#[from] StagedFileError),
}

impl TryFrom<Created> for StagedFile {
    type Error = StagedError;

    fn try_from(object: Created) -> Result<Self, StagedError> {
        Ok(Self::at(&object.key)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::notification::parse;

    fn read(message: &str) -> Result<Vec<StagedFile>, StagedError> {
        parse(message, StagedFile::try_from)
    }

    const CREATED: &str = include_str!("../../tests/fixtures/s3-object-created.json");
    const TEST: &str = include_str!("../../tests/fixtures/s3-test-event.json");
    const RAW: &str = "raw/v1/dt%3D2026-01-02/hr%3D03/shardId-000000000000/49-51.ndjson.gz";

    /// Builds a notification for an object with the URL-encoded `key`.
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
        assert!(matches!(
            error,
            StagedError::Notification(NotificationError::Key { .. })
        ));
        let error = read(&created("csv/v1/a+b.csv.gz")).unwrap_err();
        assert!(
            matches!(error, StagedError::File(StagedFileError::Name(name)) if name.contains("a b"))
        );
    }
}
