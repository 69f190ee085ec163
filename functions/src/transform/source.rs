//! Objects of the raw lake that S3 notifications name.

use crate::notification::{Created, NotificationError};

/// An object of the raw lake.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Source {
    /// The key, URL-decoded.
    pub(super) key: String,
    /// `ETag`: a hash of the content.
    pub(super) etag: String,
    pub(super) bucket: String,
    /// The day of arrival, such as `2026-01-02`: from the key, else from the notification's time.
    pub(super) day: String,
}

impl TryFrom<Created> for Source {
    type Error = NotificationError;

    fn try_from(Created { key, record }: Created) -> Result<Self, NotificationError> {
        let day = day(&key).unwrap_or_else(|| record.event_time.date_naive().to_string());
        let bucket = record.s3.bucket.name;
        Ok(Self {
            bucket: bucket.ok_or(NotificationError::Missing("bucket"))?,
            etag: record.s3.object.e_tag.unwrap_or_default(),
            key,
            day,
        })
    }
}

/// Returns the `2026-01-02` of `raw/v1/dt=2026-01-02/…`.
fn day(key: &str) -> Option<String> {
    let day = key.split('/').find_map(|part| part.strip_prefix("dt="))?;
    let digits = |range: std::ops::Range<usize>| {
        day.get(range)
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_day = day.len() == 10 && digits(0..4) && digits(5..7) && digits(8..10);
    (is_day && day.match_indices('-').map(|(at, _)| at).eq([4, 7])).then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::parse;

    fn read(message: &str) -> Result<Vec<Source>, NotificationError> {
        parse(message, Source::try_from)
    }

    const CREATED: &str = include_str!("../../tests/fixtures/s3-object-created.json");
    const TEST: &str = include_str!("../../tests/fixtures/s3-test-event.json");

    #[test]
    fn a_created_object_is_named_with_its_key_decoded() {
        let sources = read(CREATED).unwrap();
        let expected = Source {
            bucket: "riverhouse-dev-raw-123456789012-eu-west-1".to_owned(),
            key: "raw/v1/dt=2026-01-02/hr=03/shardId-000000000000/49-51.ndjson.gz".to_owned(),
            etag: "0123456789abcdef0123456789abcdef".to_owned(),
            day: "2026-01-02".to_owned(),
        };
        assert_eq!(sources, [expected]);
    }

    #[test]
    fn the_test_that_s3_sends_and_removals_name_nothing() {
        assert_eq!(read(TEST).unwrap(), []);
        let removed = CREATED.replace("ObjectCreated:Put", "ObjectRemoved:Delete");
        assert_eq!(read(&removed).unwrap(), []);
    }

    #[test]
    fn a_key_without_a_day_has_that_of_the_notification() {
        for key in [
            "raw/v1/a+b%2Bc.ndjson.gz",
            "raw/v1/dt=today/x",
            "raw/v1/dt=2026-01-021/x",
            "raw/v1/dt=2026_01_02/x",
            "raw/v1/dt=abcd-01-02/x",
            "raw/v1/dt=2026-ab-02/x",
            "raw/v1/dt=2026-01-ab/x",
        ] {
            let message = CREATED.replace(
                "raw/v1/dt%3D2026-01-02/hr%3D03/shardId-000000000000/49-51.ndjson.gz",
                key,
            );
            assert_eq!(read(&message).unwrap()[0].day, "2026-01-05", "{key}");
        }
    }

    #[test]
    fn other_messages_are_refused() {
        for message in ["", "[]", "{}", "{\"Records\":[{\"eventName\":\"x\"}]}"] {
            assert!(read(message).is_err(), "{message}");
        }
    }
}
