//! The environment that a command is about.

use std::ops::Deref;

use clap::Args;

/// `ENV`, the first argument.
#[derive(Clone, Debug, Args)]
pub(super) struct EnvironmentArgument {
    /// The environment: a name such as `local`, `local-blue` or `prod`, or the path of a file
    #[arg(value_name = "ENV", default_value = "local")]
    environment: String,
}

/// `--env ENV`, for commands whose first argument is something else.
#[derive(Clone, Debug, Args)]
pub(super) struct EnvironmentOption {
    /// The environment: a name such as `local`, `local-blue` or `prod`, or the path of a file
    #[arg(long = "env", value_name = "ENV", default_value = "local")]
    environment: String,
}

impl EnvironmentOption {
    /// As if `--env` had been given.
    pub(super) fn named(environment: &str) -> Self {
        Self {
            environment: environment.to_owned(),
        }
    }
}

impl Deref for EnvironmentArgument {
    type Target = str;

    fn deref(&self) -> &str {
        &self.environment
    }
}

impl Deref for EnvironmentOption {
    type Target = str;

    fn deref(&self) -> &str {
        &self.environment
    }
}
