//! Counts of objects, by listing the newest days only.

use aws_sdk_s3::Client;
use flate2::read::MultiGzDecoder;
use std::io::Read;
use time::{Duration, OffsetDateTime};

use crate::deploy::DeployError;
use crate::object;

/// Objects of today and yesterday below a prefix that is divided by day.
#[derive(Debug, Default)]
pub(super) struct Recent {
    pub(super) count: u64,
    pub(super) bytes: u64,
    pub(super) newest: Option<OffsetDateTime>,
}

/// How many reject objects are read to count their records.
const REJECT_OBJECTS: usize = 200;

/// Counts the objects of today and yesterday: a lake of years is never listed whole.
pub(super) async fn recent(s3: &Client, bucket: &str, prefix: &str) -> Result<Recent, DeployError> {
    let today = OffsetDateTime::now_utc().date();
    let mut found = Recent::default();
    for day in [today, today.previous_day().unwrap_or(today)] {
        let objects = object::list(s3, bucket, &format!("{prefix}dt={day}/"), usize::MAX).await?;
        for object in objects {
            found.count += 1;
            found.bytes += object
                .size()
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or(0);
            let modified = object
                .last_modified()
                .and_then(|at| OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok());
            found.newest = found.newest.max(modified);
        }
    }
    Ok(found)
}

/// Counts the wanted records of the newest reject objects below a prefix; those of older days stay to be read by hand.
pub(super) async fn rejects(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    wanted: impl Fn(&[u8]) -> bool,
) -> Result<u64, DeployError> {
    let day_ago = OffsetDateTime::now_utc() - Duration::days(1);
    let mut count = 0;
    for object in object::list(s3, bucket, prefix, REJECT_OBJECTS).await? {
        let recent = object
            .last_modified()
            .is_some_and(|at| at.secs() >= day_ago.unix_timestamp());
        if let Some(key) = object.key().filter(|_| recent) {
            count += lines(&object::get(s3, bucket, key).await?, &wanted);
        }
    }
    Ok(count)
}

/// The wanted lines of an object that may be zipped.
fn lines(bytes: &[u8], wanted: impl Fn(&[u8]) -> bool) -> u64 {
    let mut text = Vec::new();
    let is_zip = bytes.starts_with(&[0x1f, 0x8b]);
    if is_zip && MultiGzDecoder::new(bytes).read_to_end(&mut text).is_err() {
        return 1;
    }
    let text = if is_zip { &text } else { bytes };
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty() && wanted(line))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn records_are_counted_zipped_or_not() {
        let text = b"{}\n{}\n";
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zip.write_all(text).unwrap();
        assert_eq!(lines(text, |_| true), 2);
        assert_eq!(lines(&zip.finish().unwrap(), |_| true), 2);
        assert_eq!(lines(text, |_| false), 0);
        assert_eq!(lines(b"", |_| true), 0);
    }
}
