//! Why a deploy stopped, and what to do about it.

use std::path::PathBuf;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::explain::{Explanation, explain};
use super::failure::Failure;
use super::stack::{Trouble, TroubleKind};
use crate::clients::ClientsError;

/// Why a deploy stopped.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// Cargo could not build the functions.
    #[error("cannot build the functions: `{command}` {ended}\n{output}")]
    Build {
        /// What was run.
        command: String,
        /// How it ended.
        ended: String,
        /// The end of what it printed.
        output: String,
    },
    /// A function's binary is not among what cargo built.
    #[error("cargo built no binary `{0}`: is it in functions/src/bin?")]
    MissingBinary(&'static str),
    /// Neither of the tools that build for Lambda is here.
    #[error(
        "cannot build for Lambda: neither `cargo zigbuild` nor `cargo lambda` is on PATH: `pip install cargo-zigbuild ziglang`, or give `--functions DIR` with binaries that were built elsewhere"
    )]
    NoCrossBuild,
    /// A folder of functions lacks one.
    #[error("no binary of function `{function}` in `{}`: it should be `{function}` or `{function}/bootstrap`", folder.display())]
    NoPrebuilt {
        /// The function.
        function: &'static str,
        /// The folder.
        folder: PathBuf,
    },
    /// A binary cannot run as a function.
    #[error("`{}` {problem}", path.display())]
    NotForLambda {
        /// The binary.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A zip could not be written.
    #[error("cannot zip function `{function}`")]
    Zip {
        /// The function.
        function: &'static str,
        /// What the writer said.
        source: zip::result::ZipError,
    },
    /// A call to AWS failed.
    #[error("{doing} failed: {code}: {message}")]
    Call {
        /// Service, action and thing.
        doing: String,
        /// The service's error code, or the kind of failure.
        code: String,
        /// What the service said.
        message: String,
    },
    /// CloudFormation refused a call.
    #[error("stack `{stack}`: {cause}\n  aws: {action}: {words}\n  next: {advice}")]
    Refused {
        /// The stack.
        stack: String,
        /// The call.
        action: &'static str,
        /// What is wrong, in our words where we have some.
        cause: String,
        /// As AWS words it.
        words: String,
        /// The next step.
        advice: String,
    },
    /// CloudFormation could not make what was asked.
    #[error(transparent)]
    Failed(Box<Failure>),
    /// What was planned would lose data.
    #[error("{0}")]
    Losses(String),
    /// Somebody has to agree, and nobody can be asked.
    #[error(
        "stack `{0}` would be changed, and without a terminal nobody can be asked\n  next: `stack diff` shows the changes, `stack deploy --yes` makes them"
    )]
    NotConfirmed(String),
    /// Somebody was asked and did not agree.
    #[error("nothing was changed in stack `{0}`: the answer was not `y`")]
    Declined(String),
    /// The stack's status needs a person.
    #[error("stack `{stack}` is {status}{why}\n  next: {advice}")]
    Stuck {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
        /// The first cause, after a colon, where one is known.
        why: String,
        /// The next step.
        advice: &'static str,
    },
    /// A parameter of the template has no value.
    #[error(
        "nothing gives parameter `{parameter}` of stack `{stack}` a value: no output of another stack has its name"
    )]
    Unfilled {
        /// The stack.
        stack: String,
        /// The parameter.
        parameter: String,
    },
    /// Nothing of the environment is there, or not all.
    #[error("stack `{stack}` does not exist: run `stack deploy {environment}` first")]
    NotDeployed {
        /// The environment.
        environment: String,
        /// Its stack.
        stack: String,
    },
    /// A stack lacks an output that it should have.
    #[error("stack `{stack}` has no output `{output}`: deploy the environment again")]
    MissingOutput {
        /// The stack.
        stack: String,
        /// The output.
        output: &'static str,
    },
    /// A function did not become active.
    #[error("function `{function}` did not become active: {reason}")]
    Inactive {
        /// The function.
        function: String,
        /// What Lambda said.
        reason: String,
    },
    /// The event that shows the way did not go it.
    #[error(
        "the event that a deploy sends {what}: {problem}\n  next: `stack logs {function}` says why"
    )]
    Smoke {
        /// How far it did not come.
        what: &'static str,
        /// The function to look at.
        function: &'static str,
        /// The last answer.
        problem: String,
    },
    /// A time to live where there is none.
    #[error(
        "environment `{environment}` is {why} and has no time to live\n  next: leave `--ttl` out"
    )]
    NoTtl {
        /// The environment.
        environment: String,
        /// Why it has none.
        why: &'static str,
    },
    /// The way to AWS.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// This machine.
    #[error(transparent)]
    Local(#[from] ::local::LocalError),
    /// What holds data would be lost, and the lock says so before AWS is asked.
    #[error(transparent)]
    Lock(#[from] crate::lock::LockError),
    /// The lake was lost or replaced beside the warehouse.
    #[error(
        "the lake of `{0}` is gone: the warehouse remembers files that it loaded, and none of them is there any more; everything runs\n  next: copy the rows that only the warehouse has with `stack query`, then `stack deploy {0} --recreate` begins anew with an empty lake and an empty warehouse"
    )]
    LakeGone(String),
    /// The warehouse's tables.
    #[error("the warehouse's migrations stopped")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DeployError {
    /// A call of CloudFormation that failed.
    pub(super) fn refused(action: &'static str, stack: &str, trouble: &Trouble) -> Self {
        let Explanation { cause, advice } = explain(&trouble.code, &trouble.message, "");
        let advice = match trouble.kind {
            TroubleKind::Unreachable => {
                "check the network, then run the same command again".to_owned()
            }
            _ => advice,
        };
        let cause = match trouble.kind {
            TroubleKind::Unreachable if trouble.code.is_empty() => {
                "CloudFormation cannot be reached".to_owned()
            }
            _ => cause,
        };
        // A stack that is watched is asked for by its id: arn:…:stack/NAME/…
        let name = stack.split('/').nth(1).unwrap_or(stack);
        Self::Refused {
            stack: name.to_owned(),
            action,
            cause,
            words: [trouble.code.as_str(), trouble.message.as_str()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(": "),
            advice,
        }
    }

    /// For `map_err` on a call to AWS: names the call, and what the service said.
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
