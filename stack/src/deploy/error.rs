//! Errors of a deploy.

use std::path::PathBuf;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::explain::{Explanation, explain};
use super::failure::Failure;
use super::stack::{CallFailure, FailureKind};
use crate::clients::ClientsError;

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
    #[error("cargo built no binary `{0}`: is it in functions/src/bin?")]
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
    #[error("{doing} failed: {code}: {message}")]
    Call {
        /// The service, the action and the resource.
        doing: String,
        /// The service's error code, or the kind of failure.
        code: String,
        /// The service's error message.
        message: String,
    },
    /// CloudFormation refused a call.
    #[error("stack `{stack}`: {cause}\n  aws: {action}: {words}\n  next: {advice}")]
    Refused {
        stack: String,
        /// The action of CloudFormation.
        action: &'static str,
        /// The explained cause.
        cause: String,
        /// AWS's error text.
        words: String,
        advice: String,
    },
    /// A stack operation failed.
    #[error(transparent)]
    Failed(Box<Failure>),
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
    /// The stack's status needs the user.
    #[error("stack `{stack}` is {status}{why}\n  next: {advice}")]
    Stuck {
        stack: String,
        status: String,
        /// The first cause, after a colon, if known.
        why: String,
        advice: &'static str,
    },
    /// A template parameter has no value.
    #[error(
        "parameter `{parameter}` of stack `{stack}` has no value: no other stack has an output of this name"
    )]
    Unfilled { stack: String, parameter: String },
    /// The environment is not deployed, or only in part.
    #[error("stack `{stack}` does not exist: run `stack deploy {environment}` first")]
    NotDeployed {
        environment: String,
        /// The missing stack.
        stack: String,
    },
    /// A stack lacks a required output.
    #[error("stack `{stack}` has no output `{output}`: deploy the environment again")]
    MissingOutput { stack: String, output: &'static str },
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

impl DeployError {
    /// The error of a failed CloudFormation call.
    pub(super) fn refused(action: &'static str, stack: &str, failure: &CallFailure) -> Self {
        let Explanation { cause, advice } = explain(&failure.code, &failure.message, "");
        let advice = match failure.kind {
            FailureKind::Unreachable => {
                "check the network, then run the same command again".to_owned()
            }
            _ => advice,
        };
        let cause = match failure.kind {
            FailureKind::Unreachable if failure.code.is_empty() => {
                "CloudFormation cannot be reached".to_owned()
            }
            _ => cause,
        };
        // A watched stack is described by its ARN: arn:…:stack/NAME/…
        let name = stack.split('/').nth(1).unwrap_or(stack);
        Self::Refused {
            stack: name.to_owned(),
            action,
            cause,
            words: [failure.code.as_str(), failure.message.as_str()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(": "),
            advice,
        }
    }

    /// For `map_err` on a call to AWS: adds the call, the error code and the message.
    pub(crate) fn call<E, R>(
        doing: impl Into<String>,
    ) -> impl FnOnce(aws_smithy_runtime_api::client::result::SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        let doing = doing.into();
        move |error| {
            let code = error
                .code()
                .map_or_else(|| error.to_string(), str::to_owned);
            let message = error.message().map_or_else(
                || {
                    std::error::Error::source(&error)
                        .map(|source| format!("{source}"))
                        .unwrap_or_default()
                },
                str::to_owned,
            );
            Self::Call {
                doing,
                code,
                message,
            }
        }
    }
}
