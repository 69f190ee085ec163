//! Errors of a deploy.

use std::path::PathBuf;

use cloudformation::{CallFailure, StackError};

use crate::clients::ClientsError;
use crate::load::LoadError;
use crate::login::LoginError;
use crate::outputs::OutputsError;

/// Why a deploy stopped, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// Cargo could not build the functions.
    #[error("cannot build the functions: `{command}` {ended}\n{output}")]
    Build {
        /// The command.
        command: String,
        /// How it ended.
        ended: String,
        /// The end of its output.
        output: String,
    },
    /// Cargo did not build the binary of a function.
    #[error("cargo built no binary `{0}`: it must be a file in functions/src/bin")]
    MissingBinary(&'static str),
    /// No tool that builds for Lambda is installed.
    #[error(
        "cannot build for Lambda: neither `cargo zigbuild` nor `cargo lambda` is on PATH
          next: `pip install cargo-zigbuild ziglang`, or use `--functions DIR` with binaries that were built elsewhere"
    )]
    NoCrossBuild,
    /// The folder has no binary of a function.
    #[error("no binary of function `{function}` in `{}`: expected `{function}` or `{function}/bootstrap`", folder.display())]
    NoPrebuilt {
        function: &'static str,
        folder: PathBuf,
    },
    /// The binary cannot run as a function.
    #[error("`{}` {problem}", path.display())]
    NotForLambda {
        path: PathBuf,
        /// The reason.
        problem: String,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A zip could not be written.
    #[error("cannot zip function `{function}`")]
    Zip {
        function: &'static str,
        source: zip::result::ZipError,
    },
    /// A call to AWS failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// A stack could not be deployed or compared.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The outputs of the environment cannot be read.
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    /// The analysts' login cannot be set.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The loaded files cannot be compared with the lake.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The plan would lose data.
    #[error("{0}")]
    Losses(String),
    /// Consent is required, but there is no terminal.
    #[error(
        "stack `{0}` would be changed, but there is no terminal to ask for consent
          next: `stack diff` shows the changes, `stack deploy --yes` applies them"
    )]
    NotConfirmed(String),
    /// The user did not consent.
    #[error("nothing was changed in stack `{0}`: the answer was not `y`")]
    Declined(String),
    /// A template parameter has no value.
    #[error(
        "parameter `{parameter}` of stack `{stack}` has no value: no other stack has an output of this name"
    )]
    Unfilled { stack: String, parameter: String },
    /// A function did not become active.
    #[error("function `{function}` did not become active: {reason}")]
    Inactive {
        function: String,
        /// Lambda's reason.
        reason: String,
    },
    /// The probe event was not processed.
    #[error(
        "the probe event {what}: {problem}
          next: see `stack logs {function}`"
    )]
    Smoke {
        /// The step that failed.
        what: &'static str,
        /// The function whose logs to read.
        function: &'static str,
        /// The last response.
        problem: String,
    },
    /// A time to live was given for an environment that cannot have one.
    #[error(
        "environment `{environment}` is {why} and has no time to live
          next: remove `--ttl`"
    )]
    NoTtl {
        environment: String,
        /// The reason.
        why: &'static str,
    },
    /// The AWS clients could not be created.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// Something failed on this machine.
    #[error(transparent)]
    Local(#[from] ::local::LocalError),
    /// The lock refuses the loss of data, before AWS is called.
    #[error(transparent)]
    Lock(#[from] crate::lock::LockError),
    /// The lake is lost or was replaced, but the warehouse still exists.
    #[error(
        "the lake of `{0}` is gone: the warehouse has loaded files that no longer exist; everything is running\n  next: save the rows that only the warehouse has with `stack query`, then run `stack deploy {0} --recreate`, which starts with an empty lake and an empty warehouse"
    )]
    LakeGone(String),
    /// The migrations of the warehouse failed.
    #[error("the migrations of the warehouse failed")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
}
