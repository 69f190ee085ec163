//! The `stack permissions` command.

use std::io::Write;

use clap::Args;

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
                "environment `{}` is on this machine, which asks for no rights",
                environment.name
            );
        };
        serde_json::to_writer_pretty(&mut *out, &documents)?;
        writeln!(out)?;
        if documents.len() > 1 {
            eprintln!(
                "{} documents, as a managed policy has {MAX_CHARACTERS} characters at most: attach all of them",
                documents.len()
            );
        }
        Ok(())
    }
}
