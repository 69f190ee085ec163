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
# Every resource that holds data, with what no update can change: whatever is other here is lost on AWS.
# Made by `stack synth --write-lock`; do not edit.
";

/// Holds `stacks` against the lock of `environment`. An ephemeral environment has none, and passes.
///
/// # Errors
///
/// When one of its resources would be lost or replaced, or is not in the lock yet; when the lock cannot be read.
pub fn check(environment: &Environment, stacks: &[Stack]) -> Result<(), LockError> {
    let Some(path) = &environment.lock else {
        return Ok(());
    };
    let (lost, new) = parted(read(path)?.compare(stacks));
    refuse_loss(environment, lost)?;
    if new.is_empty() {
        return Ok(());
    }
    Err(LockError::Unlocked {
        environment: environment.name.to_string(),
        findings: new,
    })
}

/// Writes the lock of `environment` anew and returns where it is. What is lost must be among `accepted`, by its id.
/// The same again writes the same bytes.
///
/// # Errors
///
/// When something would be lost that is not accepted, or something is accepted that would not be lost; when the
/// environment has no lock, or it cannot be read or written.
pub fn write(
    environment: &Environment,
    stacks: &[Stack],
    accepted: &BTreeSet<String>,
) -> Result<PathBuf, LockError> {
    let name = environment.name.to_string();
    let Some(path) = &environment.lock else {
        return Err(LockError::Ephemeral(name));
    };
    let (lost, _) = parted(read(path)?.compare(stacks));
    if let Some(id) = accepted
        .iter()
        .find(|id| lost.iter().all(|it| it.id != **id))
    {
        return Err(LockError::NothingToAccept(id.clone()));
    }
    let lost = lost.into_iter().filter(|it| !accepted.contains(&it.id));
    refuse_loss(environment, lost.collect())?;
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    let text =
        serde_yaml::to_string_with_options(&Lock::of(stacks), options).map_err(|source| {
            LockError::Unrendered {
                environment: name,
                source: Box::new(source),
            }
        })?;
    fs::write(path, HEAD.to_owned() + &text).map_err(|source| LockError::Unwritable {
        path: path.clone(),
        source,
    })?;
    Ok(path.clone())
}

/// What would be lost, and what is new.
fn parted(findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    findings.into_iter().partition(|it| it.change.loses())
}

fn refuse_loss(environment: &Environment, findings: Vec<Finding>) -> Result<(), LockError> {
    if findings.is_empty() {
        return Ok(());
    }
    Err(LockError::Loses {
        environment: environment.name.to_string(),
        findings,
    })
}

/// The lock at `path`; an empty one when there is none.
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
