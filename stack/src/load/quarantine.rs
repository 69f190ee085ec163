//! Staged files in quarantine, with the warehouse's reasons.

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use functions::load::REJECTS;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::objects;
use crate::object;

/// The most reject objects that are read to find the newest files.
const MAX_READ: usize = 200;

/// A staged file in quarantine.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct QuarantinedFile {
    /// Key of the file in the staging bucket.
    pub file: String,
    /// Error message of the warehouse.
    pub reason: String,
}

/// Reject that the loader writes for a file or a row.
#[derive(Deserialize)]
struct RejectLine {
    #[serde(default)]
    field: String,
    record: String,
    detail: String,
}

/// Lists quarantined files in the order of their keys, and so of their days. Some may not exist any more.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn quarantined(s3: &Client, staging: &str) -> Result<Vec<QuarantinedFile>, CallFailure> {
    let mut files = Vec::new();
    for key in objects::keys(s3, staging, REJECTS).await? {
        files.extend(read(&object::get(s3, staging, &key).await?));
    }
    files.sort();
    Ok(files)
}

/// Returns at most `most` quarantined files that still exist in the staging bucket: the newest. For each that is gone an
/// older one is looked at, among the newest 200 reject objects.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn newest_quarantined(
    s3: &Client,
    staging: &str,
    most: usize,
) -> Result<Vec<QuarantinedFile>, CallFailure> {
    let mut files = Vec::new();
    let keys = objects::keys(s3, staging, REJECTS).await?;
    for key in keys.iter().rev().take(MAX_READ) {
        if files.len() >= most {
            break;
        }
        let Some(file) = read(&object::get(s3, staging, key).await?) else {
            continue;
        };
        let found = objects::keys(s3, staging, &file.file).await?;
        if found.contains(&file.file) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the files that were moved to quarantine after `since`.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn quarantined_since(
    s3: &Client,
    staging: &str,
    since: OffsetDateTime,
) -> Result<Vec<QuarantinedFile>, CallFailure> {
    let mut files = Vec::new();
    for listed in object::list(s3, staging, REJECTS, usize::MAX).await? {
        let is_new = listed
            .last_modified()
            .is_none_or(|at| at.as_nanos() >= since.unix_timestamp_nanos());
        if let (true, Some(key)) = (is_new, listed.key()) {
            files.extend(read(&object::get(s3, staging, key).await?));
        }
    }
    Ok(files)
}

/// Returns whether the staged file may hold events whose ids start with `prefix`: also when it is gone or cannot be
/// read.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn holds_ids(
    s3: &Client,
    staging: &str,
    file: &str,
    prefix: &str,
) -> Result<bool, CallFailure> {
    let Some((bytes, _)) = object::find(s3, staging, file).await? else {
        return Ok(true);
    };
    Ok(objects::unzip(&bytes).is_none_or(|text| text.contains(prefix)))
}

/// Returns the file that a reject object puts in quarantine as a whole. `None` when the object is empty or its lines
/// are rows: then a new file holds the other rows.
fn read(bytes: &[u8]) -> Option<QuarantinedFile> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let rejects = lines.filter_map(|line| serde_json::from_slice::<RejectLine>(line).ok());
    let whole = rejects.into_iter().find(|reject| reject.field == "file")?;
    Some(QuarantinedFile {
        file: whole.record,
        reason: whole.detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_loader_wrote_is_read_back() {
        let reject = functions::rejects::Rejected::file(
            "set_aside",
            "line 7: Invalid digit",
            "csv/v1/a.csv.gz".into(),
        );
        let file = read(&functions::rejects::ndjson(&[reject])).unwrap();
        assert_eq!(file.file, "csv/v1/a.csv.gz");
        assert_eq!(file.reason, "line 7: Invalid digit");
        assert_eq!(read(b"{}"), None);
    }

    #[test]
    fn an_object_of_rows_and_an_empty_one_set_no_file_aside() {
        let row = |line: u64| {
            let position = format!("csv/v1/a.csv.gz, line {line}");
            functions::rejects::Rejected::row(Some("quantity"), "Invalid", position, None, b"x")
        };
        assert_eq!(read(&functions::rejects::ndjson(&[row(7), row(9)])), None);
        assert_eq!(read(b""), None);
    }
}
