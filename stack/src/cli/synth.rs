//! `stack synth`

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::environment::Environment;
use crate::platform::{Stack, stacks};

/// Render an environment's CloudFormation templates; needs no account
#[derive(Debug, Args)]
pub(super) struct Synth {
    /// The environment: a name such as `local` or `prod`, or the path of a file
    #[arg(value_name = "ENV", default_value = "local")]
    environment: String,
    /// Write a file a stack into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How templates are written
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl Synth {
    pub(super) fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        for stack in stacks(&environment) {
            let text = self.render(&stack);
            match &self.out {
                Some(folder) => {
                    std::fs::create_dir_all(folder)
                        .with_context(|| format!("cannot create `{}`", folder.display()))?;
                    let path = folder.join(format!("{}.{}", stack.name, self.extension()));
                    std::fs::write(&path, text)
                        .with_context(|| format!("cannot write `{}`", path.display()))?;
                    writeln!(out, "{}", path.display())?;
                }
                None => match self.format {
                    // Several documents in one stream, each with its stack's name.
                    Format::Yaml => write!(out, "---\n# {}\n{text}", stack.name)?,
                    // One object a line, so that a program can read stack by stack.
                    Format::Json => writeln!(out, "{}", stack.template.to_json())?,
                },
            }
        }
        Ok(())
    }

    fn render(&self, stack: &Stack) -> String {
        match self.format {
            Format::Yaml => stack.template.to_yaml(),
            Format::Json => stack.template.to_json_pretty(),
        }
    }

    fn extension(&self) -> &'static str {
        match self.format {
            Format::Yaml => "yaml",
            Format::Json => "json",
        }
    }
}
