//! Reads and writes locks.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::decide::{Finding, Lock};
use super::error::LockError;
use crate::environment::Environment;
use crate::platform::Stack;

const HEAD: &str = "\
# Every stateful resource with its create-only properties: a change of any of these loses the data on AWS.
# Written by `stack synth --write-lock`; do not edit.
";

/// Compares `stacks` with the lock of `environment`. An ephemeral environment has no lock and always passes.
///
/// # Errors
///
/// Fails if a locked resource would be lost or replaced, if a stateful resource is not in the lock, or if the
/// lock cannot be read.
pub fn check(environment: &Environment, stacks: &[Stack]) -> Result<(), LockError> {
    let Some(path) = &environment.lock else {
        return Ok(());
    };
    let (lost, new) = parted(read(path)?.compare(stacks));
    refuse_loss(path, lost)?;
    if new.is_empty() {
        return Ok(());
    }
    Err(LockError::Unlocked {
        environment: Environment::asked_for(path),
        findings: new,
    })
}

/// Writes the lock of `environment` and returns its path. The ids of lost resources must be in `accepted`.
/// Idempotent: the same stacks give the same bytes.
///
/// # Errors
///
/// Fails if a resource would be lost that is not accepted, or one is accepted that would not be lost; if the
/// environment has no lock; or if the lock cannot be read or written.
pub fn write(
    environment: &Environment,
    stacks: &[Stack],
    accepted: &BTreeSet<String>,
) -> Result<PathBuf, LockError> {
    let Some(path) = &environment.lock else {
        return Err(LockError::Ephemeral(environment.name.to_string()));
    };
    let (lost, _) = parted(read(path)?.compare(stacks));
    if let Some(id) = accepted
        .iter()
        .find(|id| lost.iter().all(|it| it.id != **id))
    {
        return Err(LockError::NothingToAccept(id.clone()));
    }
    let lost = lost.into_iter().filter(|it| !accepted.contains(&it.id));
    refuse_loss(path, lost.collect())?;
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    let text =
        serde_yaml::to_string_with_options(&Lock::of(stacks), options).map_err(|source| {
            LockError::Unrendered {
                path: path.clone(),
                source: Box::new(source),
            }
        })?;
    fs::write(path, HEAD.to_owned() + &text).map_err(|source| LockError::Unwritable {
        path: path.clone(),
        source,
    })?;
    Ok(path.clone())
}

/// Splits the findings into lost and new resources.
fn parted(findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    findings.into_iter().partition(|it| it.change.loses())
}

fn refuse_loss(lock: &Path, findings: Vec<Finding>) -> Result<(), LockError> {
    if findings.is_empty() {
        return Ok(());
    }
    Err(LockError::Loses {
        environment: Environment::asked_for(lock),
        findings,
    })
}

/// Reads the lock at `path`; empty if the file does not exist.
fn read(path: &Path) -> Result<Lock, LockError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Lock::default()),
        Err(source) => {
            return Err(LockError::Unreadable {
                path: path.to_owned(),
                source,
            });
        }
    };
    serde_yaml::from_str(&text).map_err(|source| LockError::Malformed {
        path: path.to_owned(),
        source: Box::new(source),
    })
}
