//! The function `load`, called by a person.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use functions::load::REJECTS;
use serde::Serialize;
use serde_json::{Value, json};
use warehouse::load::{MAX_FILES, StagedFile};

use super::aside::{SetAside, set_aside};
use super::{LoadError, objects};
use crate::deploy::DeployError;
use crate::function::LOAD;
use crate::platform::Names;
use crate::session::Session;

/// The longest that a function runs, and a little more.
const PATIENCE: Duration = Duration::from_secs(920);

/// What became of the staged files.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Loaded {
    /// Files in the staging bucket that can be loaded.
    pub staged: usize,
    /// Those that the ledger had before.
    pub known: usize,
    /// Those that it has since.
    pub loaded: usize,
    /// Those of them that the warehouse refuses, whenever that was found, and that it has not got since.
    pub set_aside: Vec<SetAside>,
    /// Those that are still to come: `stack status` tells what holds them up.
    pub left: Vec<String>,
    /// Objects that lie among them and are no staged files.
    pub foreign: Vec<String>,
}

/// Loads what is staged and not in the ledger; what was set aside only when it is wanted `again`. Called
/// again it loads nothing new.
///
/// # Errors
///
/// When a service cannot be asked, or the function fails.
pub async fn load(session: &Session, again: bool) -> Result<Loaded, LoadError> {
    let (s3, staging) = (session.s3(), &session.outputs.buckets.staging);
    let (staged, foreign) = sorted(objects::keys(&s3, staging, "csv/").await?);
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
    let aside = set_aside(&s3, staging).await?;
    let kept = refused(objects::keys(&s3, staging, REJECTS).await?);
    Ok(summed(&staged, foreign, known.len(), &now, (aside, &kept)))
}

/// Staged files, and what else lies among them.
fn sorted(keys: Vec<String>) -> (BTreeSet<String>, Vec<String>) {
    let (staged, foreign): (Vec<_>, Vec<_>) = keys
        .into_iter()
        .partition(|key| StagedFile::at(key).is_ok());
    (staged.into_iter().collect(), foreign)
}

/// What became of the `staged` files, of which the ledger has those of `now`. A file with a reject object that is not set
/// aside as a whole was replaced by files without the refused rows: it is not left.
fn summed(
    staged: &BTreeSet<String>,
    foreign: Vec<String>,
    known: usize,
    now: &BTreeSet<String>,
    (mut set_aside, kept): (Vec<SetAside>, &BTreeSet<String>),
) -> Loaded {
    set_aside.retain(|aside| staged.contains(&aside.file) && !now.contains(&aside.file));
    let is_aside = |key: &String| set_aside.iter().any(|aside| aside.file == *key);
    let left = staged
        .difference(now)
        .filter(|key| !is_aside(key) && !kept.contains(*key))
        .cloned()
        .collect();
    Loaded {
        staged: staged.len(),
        known,
        loaded: now.len() - known,
        set_aside,
        left,
        foreign,
    }
}

/// Lets the function finish what loaders began and nobody is known to have ended.
///
/// # Errors
///
/// When the function fails.
pub async fn finish(session: &Session) -> Result<(), LoadError> {
    invoke(session, &json!({ "reconcile": true })).await
}

/// Staged files of which rows, or all, were refused.
///
/// # Errors
///
/// When the staging bucket cannot be read.
pub async fn refused_files(
    s3: &aws_sdk_s3::Client,
    staging: &str,
) -> Result<BTreeSet<String>, DeployError> {
    Ok(refused(objects::keys(s3, staging, REJECTS).await?))
}

/// The files of these reject objects.
fn refused(keys: Vec<String>) -> BTreeSet<String> {
    let file = |key: String| {
        let name = key.strip_prefix(REJECTS)?.strip_suffix(".ndjson")?;
        Some(format!("{name}.csv.gz"))
    };
    keys.into_iter().filter_map(file).collect()
}

/// Calls the function and waits for its end. Not repeated by itself: it may run for a quarter of an hour.
async fn invoke(session: &Session, event: &Value) -> Result<(), LoadError> {
    let function = Names::of(&session.environment).function(&LOAD);
    let config = aws_sdk_lambda::config::Builder::from(session.sdk())
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(PATIENCE)
                .operation_attempt_timeout(PATIENCE)
                .build(),
        )
        .build();
    let answer = Client::from_conf(config)
        .invoke()
        .function_name(&function)
        .payload(Blob::new(event.to_string()))
        .send()
        .await
        .map_err(DeployError::call(format!("lambda Invoke of `{function}`")))?;
    if answer.function_error().is_none() {
        return Ok(());
    }
    let payload = answer.payload().map(Blob::as_ref).unwrap_or_default();
    let payload: Value = serde_json::from_slice(payload).unwrap_or_default();
    let message = payload["errorMessage"]
        .as_str()
        .unwrap_or("it gave no reason");
    Err(LoadError::Function {
        function,
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_aside_and_loaded_since_is_loaded_and_what_is_no_staged_file_is_told_apart() {
        let keys = [
            "csv/v1/a.csv.gz",
            "csv/v1/b.csv.gz",
            "csv/v1/notes.txt",
            "csv/v1/c.csv.gz",
        ];
        let replaced = "csv/v1/replaced.csv.gz";
        let (mut staged, foreign) = sorted(keys.map(str::to_owned).into());
        staged.insert(replaced.to_owned());
        let aside = |file: &str| SetAside {
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
                vec![aside(keys[0]), aside(keys[1]), aside("csv/v1/gone.csv.gz")],
                &[keys[1].to_owned(), replaced.to_owned()].into(),
            ),
        );
        let expected = Loaded {
            staged: 4,
            known: 0,
            loaded: 1,
            set_aside: vec![aside(keys[1])],
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
