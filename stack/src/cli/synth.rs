//! The `stack synth` command.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::environment::EnvironmentArgument;
use crate::environment::Environment;
use crate::lock;
use crate::platform::{Stack, account_stack, stacks};

/// Render the CloudFormation templates of an environment; needs no account
#[derive(Debug, Args)]
pub(super) struct Synth {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Write one file per stack into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Format of the templates
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
    /// Add new stateful resources to the lock of a production environment
    #[arg(long)]
    write_lock: bool,
    /// Allow this resource to be replaced or removed although it holds data, and write the lock; repeatable
    #[arg(long, value_name = "ID")]
    accept_replace: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl Synth {
    pub(super) fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        let mut stacks = stacks(&environment);
        if self.write_lock || !self.accept_replace.is_empty() {
            let accepted: BTreeSet<_> = self.accept_replace.iter().cloned().collect();
            lock::write(&environment, &stacks, &accepted)?;
        } else {
            lock::check(&environment, &stacks)?;
        }
        if environment.api.access_log {
            stacks.insert(0, account_stack(&environment));
        }
        for stack in stacks {
            match &self.out {
                Some(folder) => self.put(&stack, folder, out)?,
                None => match self.format {
                    // One stream of several documents, each with the name of its stack.
                    Format::Yaml => {
                        write!(out, "---\n# {}\n{}", stack.name, stack.template.to_yaml())?;
                    }
                    // One object per line, so that a program can read one stack after another.
                    Format::Json => writeln!(out, "{}", stack.template.to_json())?,
                },
            }
        }
        Ok(())
    }

    fn put(&self, stack: &Stack, folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
        let (text, extension) = match self.format {
            Format::Yaml => (stack.template.to_yaml(), "yaml"),
            Format::Json => (stack.template.to_json_pretty(), "json"),
        };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create `{}`", folder.display()))?;
        let path = folder.join(format!("{}.{extension}", stack.name));
        std::fs::write(&path, text)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        writeln!(out, "{}", path.display())?;
        Ok(())
    }
}
