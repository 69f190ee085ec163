//! Calls the function `load` manually.

use std::collections::BTreeSet;

use cloudformation::CallFailure;
use functions::load::REJECTS;
use serde::Serialize;
use serde_json::{Value, json};
use warehouse::WarehouseError;
use warehouse::load::{MAX_FILES, StagedFile};

use super::objects;
use super::quarantine::{QuarantinedFile, quarantined};
use crate::function::LOAD;
use crate::invoke::InvokeError;
use crate::session::Session;

/// Result of a load.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Loaded {
    /// Number of files in the staging bucket that can be loaded.
    pub staged: usize,
    /// Number of files that the ledger contained before.
    pub known: usize,
    /// Number of files that the ledger contains in addition now.
    pub loaded: usize,
    /// Quarantined files that are not loaded, whenever they were put in quarantine.
    #[serde(rename = "set_aside")]
    pub quarantined: Vec<QuarantinedFile>,
    /// Files that are not loaded yet. `stack status` shows the cause.
    pub left: Vec<String>,
    /// Objects below the same prefix that are not staged files.
    pub foreign: Vec<String>,
}

/// Why files could not be loaded or counted.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A call to an AWS service failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The ledger could not be read.
    #[error("the warehouse's ledger cannot be read")]
    Ledger(#[from] WarehouseError),
    /// The function could not be called, or failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The response of the warehouse has an unexpected shape.
    #[error("the warehouse returned rows without day and count: deploy the newer version")]
    Shape,
}

/// Loads staged files that are not in the ledger, and files in quarantine only if `again`. Idempotent: a second call
/// loads nothing new.
///
/// # Errors
///
/// When a service cannot be called, or the function fails.
pub async fn load(session: &Session, again: bool) -> Result<Loaded, LoadError> {
    let (s3, staging) = (session.s3(), &session.outputs.buckets.staging);
    let (staged, foreign) = sorted(objects::keys(&s3, staging, events::row::STAGED_ROOT).await?);
    let ledger = session.warehouse();
    let known = ledger.loaded_files(&staged).await?;
    let excluded = if again {
        BTreeSet::new()
    } else {
        refused(objects::keys(&s3, staging, REJECTS).await?)
    };
    let missing: Vec<_> = staged
        .iter()
        .filter(|key| !known.contains(*key) && !excluded.contains(*key))
        .collect();
    for files in missing.chunks(MAX_FILES) {
        invoke(session, &json!({ "files": files })).await?;
    }
    let now = if missing.is_empty() {
        known.clone()
    } else {
        ledger.loaded_files(&staged).await?
    };
    let quarantined = quarantined(&s3, staging).await?;
    let kept = refused(objects::keys(&s3, staging, REJECTS).await?);
    Ok(summed(
        &staged,
        foreign,
        known.len(),
        &now,
        (quarantined, &kept),
    ))
}

/// Separates staged files from other objects.
fn sorted(keys: Vec<String>) -> (BTreeSet<String>, Vec<String>) {
    let (staged, foreign): (Vec<_>, Vec<_>) = keys
        .into_iter()
        .partition(|key| StagedFile::at(key).is_ok());
    (staged.into_iter().collect(), foreign)
}

/// Returns the result for the `staged` files, of which the ledger contains those in `now`. A file with a reject
/// object that is not in quarantine as a whole was replaced by a file without the refused rows, so it is not in
/// `left`.
fn summed(
    staged: &BTreeSet<String>,
    foreign: Vec<String>,
    known: usize,
    now: &BTreeSet<String>,
    (mut quarantined, kept): (Vec<QuarantinedFile>, &BTreeSet<String>),
) -> Loaded {
    quarantined.retain(|file| staged.contains(&file.file) && !now.contains(&file.file));
    let is_quarantined = |key: &String| quarantined.iter().any(|file| file.file == *key);
    let left = staged
        .difference(now)
        .filter(|key| !is_quarantined(key) && !kept.contains(*key))
        .cloned()
        .collect();
    Loaded {
        staged: staged.len(),
        known,
        loaded: now.len() - known,
        quarantined,
        left,
        foreign,
    }
}

/// Reconciles: lets the function finish interrupted loads.
///
/// # Errors
///
/// When the function fails.
pub async fn finish(session: &Session) -> Result<(), LoadError> {
    invoke(session, &json!({ "reconcile": true })).await
}

/// Returns the staged files of which some or all rows were refused.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn refused_files(
    s3: &aws_sdk_s3::Client,
    staging: &str,
) -> Result<BTreeSet<String>, CallFailure> {
    Ok(refused(objects::keys(s3, staging, REJECTS).await?))
}

/// Returns the files that these reject objects belong to.
fn refused(keys: Vec<String>) -> BTreeSet<String> {
    let file = |key: String| {
        let name = key.strip_prefix(REJECTS)?.strip_suffix(".ndjson")?;
        Some(format!("{name}.csv.gz"))
    };
    keys.into_iter().filter_map(file).collect()
}

/// Calls the function without retries, because it may run for 15 minutes.
async fn invoke(session: &Session, event: &Value) -> Result<(), LoadError> {
    crate::invoke::invoke(session, &LOAD, event).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarantined_file_that_was_loaded_since_counts_as_loaded_and_other_objects_are_foreign() {
        let keys = [
            "csv/v1/a.csv.gz",
            "csv/v1/b.csv.gz",
            "csv/v1/notes.txt",
            "csv/v1/c.csv.gz",
        ];
        let replaced = "csv/v1/replaced.csv.gz";
        let (mut staged, foreign) = sorted(keys.map(str::to_owned).into());
        staged.insert(replaced.to_owned());
        let file = |file: &str| QuarantinedFile {
            file: file.to_owned(),
            reason: "line 7: Invalid digit".to_owned(),
        };
        let now = [keys[0].to_owned()].into();
        let loaded = summed(
            &staged,
            foreign,
            0,
            &now,
            (
                vec![file(keys[0]), file(keys[1]), file("csv/v1/gone.csv.gz")],
                &[keys[1].to_owned(), replaced.to_owned()].into(),
            ),
        );
        let expected = Loaded {
            staged: 4,
            known: 0,
            loaded: 1,
            quarantined: vec![file(keys[1])],
            left: vec![keys[3].to_owned()],
            foreign: vec![keys[2].to_owned()],
        };
        assert_eq!(loaded, expected);
    }

    #[test]
    fn a_reject_object_is_named_after_its_file() {
        let keys = [
            "rejects/load/csv/v1/dt=2026-01-02/a.ndjson",
            "rejects/transform/b.ndjson",
        ];
        let files = refused(keys.map(str::to_owned).into());
        assert_eq!(files, ["csv/v1/dt=2026-01-02/a.csv.gz".to_owned()].into());
    }
}
