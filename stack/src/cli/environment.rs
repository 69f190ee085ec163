//! Arguments that name the environment of a command.

use std::ops::Deref;

use clap::Args;

/// Positional argument `ENV`.
#[derive(Clone, Debug, Args)]
pub(super) struct EnvironmentArgument {
    /// Environment: a name such as `local`, `local-blue` or `prod`, or the path of a YAML file
    #[arg(value_name = "ENV", default_value = "local")]
    environment: String,
}

/// Option `--env ENV`, for commands whose first argument is not the environment.
#[derive(Clone, Debug, Args)]
pub(super) struct EnvironmentOption {
    /// Environment: a name such as `local`, `local-blue` or `prod`, or the path of a YAML file
    #[arg(long = "env", value_name = "ENV", default_value = "local")]
    environment: String,
}

impl EnvironmentOption {
    /// Returns the value of `--env environment`.
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
