//! Errors of the lock.

use std::fmt::Write as _;
use std::path::PathBuf;

use thiserror::Error;

use super::decide::Finding;

/// Why the templates do not pass the lock, or the lock was not written.
#[derive(Debug, Error)]
pub enum LockError {
    /// Data would be lost.
    #[error("{}", refusal(.environment, .findings))]
    Loses {
        /// The environment's name, or the path of its file.
        environment: String,
        /// The resources with the data, at least one.
        findings: Vec<Finding>,
    },
    /// Stateful resources are not in the lock, so their loss would not be noticed.
    #[error("{}run `stack synth {environment} --write-lock` and commit the lock", listed(.findings))]
    Unlocked {
        /// The environment's name, or the path of its file.
        environment: String,
        /// The new resources, at least one.
        findings: Vec<Finding>,
    },
    /// The id was accepted although it is not lost.
    #[error("`{0}` is not replaced: remove `--accept-replace {0}`")]
    NothingToAccept(String),
    /// An ephemeral environment has no lock, because its data is deleted with it.
    #[error(
        "environment `{0}` is ephemeral, so it has no lock: remove `--write-lock` and `--accept-replace`"
    )]
    Ephemeral(String),
    /// The file exists, but cannot be read.
    #[error("cannot read the lock `{}`", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is not a valid lock.
    #[error("the lock `{}` is not valid: restore it from git", path.display())]
    Malformed {
        path: PathBuf,
        source: Box<serde_yaml::Error>,
    },
    /// The lock cannot be written as YAML.
    #[error("cannot render the lock `{}`", path.display())]
    Unrendered {
        path: PathBuf,
        source: Box<serde_yaml::ser::Error>,
    },
    /// The file cannot be written.
    #[error("cannot write the lock `{}`", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// Formats one finding a line.
fn listed(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{finding}");
        text
    })
}

fn refusal(environment: &str, findings: &[Finding]) -> String {
    let mut ids: Vec<_> = findings.iter().map(|it| it.id.as_str()).collect();
    ids.dedup();
    format!(
        "data would be lost:\n{}undo the change, or accept each loss by name: \
         `stack synth {environment} --accept-replace {}`",
        listed(findings),
        ids.join(" --accept-replace ")
    )
}
