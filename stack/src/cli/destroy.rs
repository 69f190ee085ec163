//! The `stack destroy` command.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;

use super::environment::EnvironmentArgument;
use super::json::{self, JsonOption};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::progress::Progress;
use crate::session::machine;
use crate::teardown::{Consent, ConsentOptions, Destroyed, destroy_aws, destroy_local, inventory};

/// Delete an environment: stacks, processes, data, files
#[derive(Debug, Args)]
pub(super) struct Destroy {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Skip the confirmation; required on AWS without a terminal
    #[arg(long)]
    yes: bool,
    /// Repeat the name of a production environment to confirm that its data is deleted
    #[arg(long = "destroy-data", value_name = "NAME")]
    data_of: Option<String>,
    #[command(flatten)]
    json: JsonOption,
}

impl Destroy {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let environment = Environment::load(&self.environment)?;
        let progress = Progress::default();
        let destroyed = if environment.is_local() {
            self.local(&environment, &progress).await?
        } else {
            self.on_aws(&environment, &progress).await?
        };
        if self.json.is_set() {
            json::print(out, &destroyed)?;
        } else {
            print(out, &destroyed)?;
        }
        Ok(if destroyed.leftovers.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn local(
        &self,
        environment: &Environment,
        progress: &Progress,
    ) -> anyhow::Result<Destroyed> {
        let machine = machine(environment)?;
        let asks = !self.yes && std::io::stdin().is_terminal() && machine.folder().exists();
        if asks && !confirmed(&machine.name)? {
            anyhow::bail!("nothing was destroyed: the answer was not `y`");
        }
        Ok(destroy_local(&machine, progress).await?)
    }

    async fn on_aws(
        &self,
        environment: &Environment,
        progress: &Progress,
    ) -> anyhow::Result<Destroyed> {
        let clients = Clients::aws(environment).await?;
        let plan = inventory(environment, &clients).await?;
        for line in plan.lines() {
            progress.say(&line);
        }
        let given = ConsentOptions {
            yes: self.yes,
            destroy_data: self.data_of.as_deref(),
            terminal: std::io::stdin().is_terminal(),
        };
        match Consent::of(&plan.environment, plan.production, given) {
            Consent::Refused(why) => anyhow::bail!("nothing was destroyed: {why}"),
            Consent::Ask if !plan.is_empty() && !confirmed(&plan.environment)? => {
                anyhow::bail!("nothing was destroyed: the answer was not `y`");
            }
            Consent::Ask | Consent::Given => {}
        }
        Ok(destroy_aws(environment, &clients, &plan, progress).await?)
    }
}

fn print(out: &mut impl Write, destroyed: &Destroyed) -> std::io::Result<()> {
    writeln!(
        out,
        "{} {} in {:.1} s",
        destroyed.environment, destroyed.outcome, destroyed.seconds
    )?;
    for (bucket, count) in &destroyed.emptied {
        writeln!(out, "emptied {bucket}: {count} versions")?;
    }
    let lists = [
        ("removed by name", &destroyed.swept),
        (
            "key, kept in production, otherwise deleted after 7 days or more",
            &destroyed.keys,
        ),
        ("kept", &destroyed.kept),
        ("kept snapshot", &destroyed.snapshots),
        ("not checked", &destroyed.unknown),
        ("LEFT OVER", &destroyed.leftovers),
    ];
    for (what, items) in lists {
        for item in items {
            writeln!(out, "{what}: {item}")?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a question is not a result")]
fn confirmed(name: &str) -> std::io::Result<bool> {
    eprint!("destroy `{name}` with all its data? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
