//! `stack destroy`

use std::io::{BufRead, IsTerminal, Write};

use clap::Args;

use crate::deploy::{Progress, destroy_local};
use crate::environment::Environment;
use crate::session::machine;

/// Take an environment down: processes, data, files
#[derive(Debug, Args)]
pub(super) struct Destroy {
    /// The environment: a name such as `local` or `local-blue`, or the path of a file
    #[arg(value_name = "ENV", default_value = "local")]
    environment: String,
    /// Do not ask; without a terminal nobody can be asked, and nobody is
    #[arg(long)]
    yes: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Destroy {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let environment = Environment::load(&self.environment)?;
        let machine = machine(&environment)?;
        let asks = !self.yes && std::io::stdin().is_terminal() && machine.folder().exists();
        if asks && !confirmed(&machine.name)? {
            anyhow::bail!("nothing was destroyed: the answer was not `y`");
        }
        let destroyed = destroy_local(&machine, &Progress::default()).await?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &destroyed)?;
            writeln!(out)?;
        } else {
            writeln!(
                out,
                "{} {} in {:.1} s",
                destroyed.environment, destroyed.outcome, destroyed.seconds
            )?;
        }
        Ok(())
    }
}

#[expect(clippy::print_stderr, reason = "a question is not a result")]
fn confirmed(name: &str) -> std::io::Result<bool> {
    eprint!("destroy `{name}` with all its data? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
