//! Why a lock does not let templates pass.

use std::fmt::Write as _;
use std::path::PathBuf;

use thiserror::Error;

use super::decide::Finding;

/// Why a lock does not let templates pass, or was not written.
#[derive(Debug, Error)]
pub enum LockError {
    /// Data would be lost.
    #[error("{}", refusal(.environment, .findings))]
    Loses {
        /// The environment's name.
        environment: String,
        /// What would be lost, at least one.
        findings: Vec<Finding>,
    },
    /// Resources that hold data are not in the lock, so that their loss would not be noticed.
    #[error("{}run `stack synth {environment} --write-lock` and commit the lock", listed(.findings))]
    Unlocked {
        /// The environment's name.
        environment: String,
        /// What is new, at least one.
        findings: Vec<Finding>,
    },
    /// There is nothing to accept about this id.
    #[error("`{0}` loses nothing: leave `--accept-replace {0}` out")]
    NothingToAccept(String),
    /// An ephemeral environment's data goes with it.
    #[error("`{0}` is ephemeral and has no lock")]
    Ephemeral(String),
    /// The file is there and cannot be read.
    #[error("cannot read the lock `{}`", path.display())]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no lock.
    #[error("the lock `{}` cannot be understood: take it back from git", path.display())]
    Malformed {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<serde_yaml::Error>,
    },
    /// The lock cannot be put down as YAML.
    #[error("cannot render the lock of `{environment}`")]
    Unrendered {
        /// The environment's name.
        environment: String,
        /// Why.
        source: Box<serde_yaml::ser::Error>,
    },
    /// The file cannot be written.
    #[error("cannot write the lock `{}`", path.display())]
    Unwritable {
        /// Where it should be.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// One finding a line.
fn listed(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        // Writing to a text does not fail.
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
