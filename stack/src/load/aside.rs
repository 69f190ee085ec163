//! Staged files in quarantine, with the warehouse's reasons.

use aws_sdk_s3::Client;
use functions::load::REJECTS;
use serde::{Deserialize, Serialize};

use super::objects;
use crate::deploy::DeployError;
use crate::object;

/// A staged file in quarantine.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct SetAside {
    /// Key of the file in the staging bucket.
    pub file: String,
    /// Error message of the warehouse.
    pub reason: String,
}

/// Reject that the loader writes for a file or a row.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    field: String,
    record: String,
    detail: String,
}

/// Lists at most `most` quarantined files in the order of their keys, and so of their days. Some may not exist any
/// more.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn set_aside(
    s3: &Client,
    staging: &str,
    most: usize,
) -> Result<Vec<SetAside>, DeployError> {
    let keys = objects::keys(s3, staging, REJECTS).await?;
    let mut aside = Vec::new();
    for key in keys.iter().rev().take(most) {
        let whole = read(&object::get(s3, staging, key).await?);
        aside.extend(whole);
    }
    aside.sort();
    Ok(aside)
}

/// Returns those of `files` that still exist in the staging bucket.
///
/// # Errors
///
/// When the bucket cannot be read.
pub async fn still_there(
    s3: &Client,
    staging: &str,
    files: Vec<SetAside>,
) -> Result<Vec<SetAside>, DeployError> {
    let mut there = Vec::new();
    for aside in files {
        let found = objects::keys(s3, staging, &aside.file).await?;
        if found.contains(&aside.file) {
            there.push(aside);
        }
    }
    Ok(there)
}

/// Returns the file that a reject object puts in quarantine as a whole. `None` when the object is empty or its lines
/// are rows: then a new file holds the other rows.
fn read(bytes: &[u8]) -> Option<SetAside> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let told = lines.filter_map(|line| serde_json::from_slice::<Told>(line).ok());
    let whole = told.into_iter().find(|told| told.field == "file")?;
    Some(SetAside {
        file: whole.record,
        reason: whole.detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_loader_wrote_is_read_back() {
        let told = functions::rejects::Rejected::file(
            "set_aside",
            "line 7: Invalid digit",
            "csv/v1/a.csv.gz".into(),
        );
        let aside = read(&functions::rejects::ndjson(&[told])).unwrap();
        assert_eq!(aside.file, "csv/v1/a.csv.gz");
        assert_eq!(aside.reason, "line 7: Invalid digit");
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
