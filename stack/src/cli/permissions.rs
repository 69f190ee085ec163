//! The `stack permissions` command.

use std::io::Write;

use clap::Args;

use super::json;
use crate::environment::Environment;
use crate::permissions::{MAX_CHARACTERS, documents};

/// Print the IAM policies that a deployer needs at least; needs no account
///
/// Prints one JSON object of policy documents, each within the size limit of a managed policy. Attach all of them.
#[derive(Debug, Args)]
pub(super) struct Permissions {
    /// Environment: a name such as `prod`, or the path of a YAML file
    #[arg(value_name = "ENV", default_value = "prod")]
    environment: String,
}

impl Permissions {
    #[expect(
        clippy::print_stderr,
        reason = "what to do with the result is not part of it"
    )]
    pub(super) fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        let Some(documents) = documents(&environment) else {
            anyhow::bail!(
                "environment `{}` is on this machine, which needs no permissions",
                environment.name
            );
        };
        json::print(out, &documents)?;
        if documents.len() > 1 {
            eprintln!(
                "{} documents, because a managed policy has at most {MAX_CHARACTERS} characters: attach all of them",
                documents.len()
            );
        }
        Ok(())
    }
}
