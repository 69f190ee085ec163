//! The `stack deploy` command.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use anyhow::Context;
use clap::Args;
use cloudformation::Repairs;

use super::environment::EnvironmentArgument;
use super::json::JsonOption;
use crate::deploy::{self, Consent, DeployOptions, Deployed};
use crate::environment::{Environment, Ttl};
use crate::progress::{Event, Progress};
use crate::status::{self, Inspection, Problem};

/// Create or update an environment; does nothing when nothing changed
#[derive(Debug, Args)]
#[command(mut_arg("json", |json| json.help("Print progress and the result as JSON, one object per line, the result last")))]
pub(super) struct Deploy {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Skip the confirmation; required to deploy to AWS without a terminal
    #[arg(long)]
    yes: bool,
    /// Allow this resource to be replaced or removed although its data is lost; repeatable
    #[arg(long, value_name = "LOGICALID")]
    allow_replace: Vec<String>,
    /// Skip this resource when CloudFormation continues a failed rollback; repeatable
    #[arg(long, value_name = "LOGICALID")]
    skip_rollback_of: Vec<String>,
    /// Delete the data of a local environment and start over; `--yes` does not imply it
    #[arg(long)]
    recreate: bool,
    /// Set how long the environment on AWS lives from now: `never`, or a time such as `30m`, `4h`, `7d`
    #[arg(long)]
    ttl: Option<Ttl>,
    /// Use the function binaries in this folder instead of building them
    #[arg(long, value_name = "DIR")]
    functions: Option<PathBuf>,
    #[command(flatten)]
    json: JsonOption,
}

impl Deploy {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let progress = Progress::new(self.json.is_set());
        let deployed = self.deploy(&progress).await;
        if self.json.is_set() {
            let deployed = deployed.and_then(|(deployed, checked)| checked.map(|()| deployed));
            progress.event(&match &deployed {
                Ok(deployed) => Event::Result {
                    command: "deploy",
                    result: serde_json::to_value(deployed)?,
                },
                Err(error) => Event::failed("deploy", &format!("{error:#}")),
            });
            return deployed.map(drop);
        }
        let (deployed, checked) = deployed?;
        writeln!(
            out,
            "{} {} in {:.1} s",
            deployed.outputs.environment, deployed.outcome, deployed.seconds
        )?;
        super::outputs::print(out, &deployed.outputs)?;
        checked
    }

    /// Deploys, and then checks the resources. A failed check does not undo the deploy.
    async fn deploy(&self, progress: &Progress) -> anyhow::Result<(Deployed, anyhow::Result<()>)> {
        let environment = Environment::load(&self.environment)?;
        let consent = if self.yes {
            Consent::Given
        } else if std::io::stdin().is_terminal() {
            Consent::Ask
        } else {
            Consent::Nobody
        };
        let options = DeployOptions {
            consent,
            recreate: self.recreate,
            allow_replace: self.allow_replace.iter().cloned().collect(),
            repairs: Repairs {
                skip: self.skip_rollback_of.clone(),
            },
            ttl: self.ttl,
            functions: self.functions.clone(),
            build_id: build_id()?,
        };
        let work = async {
            let deployed = deploy::deploy(&environment, &options, progress).await?;
            let checked = check_resources(&self.environment, progress).await;
            Ok::<_, anyhow::Error>((deployed, checked))
        };
        or_interrupted(work, &self.environment).await
    }
}

/// CloudFormation compares templates, so it does not see what was done to a resource without it.
#[derive(Debug, thiserror::Error)]
#[error("the stacks of `{environment}` are deployed, but {}", list(.problems))]
struct NotAsDeployed {
    environment: String,
    problems: Vec<Problem>,
}

fn list(problems: &[Problem]) -> String {
    let lines = problems
        .iter()
        .map(|it| format!("{}\n  next: {}", it.reason, it.next));
    lines.collect::<Vec<_>>().join("\n")
}

/// Fails if a resource of a stack was deleted, disabled or changed without CloudFormation. Names what could not be
/// read, for example because the deployer may not read it.
async fn check_resources(environment: &str, progress: &Progress) -> anyhow::Result<()> {
    let (problems, unknown) = status::resources(&Inspection::open(environment).await?).await;
    for it in &unknown {
        progress.say(&format!("not checked: {}: {}", it.what, it.reason));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(NotAsDeployed {
        environment: environment.to_owned(),
        problems,
    }
    .into())
}

/// Reports that Ctrl-C ended the command. Operations that run on AWS continue.
#[derive(Debug, thiserror::Error)]
#[error(
    "interrupted: operations that were started continue without this command\n  next: `stack deploy {0}` attaches to them"
)]
pub(super) struct Interrupted(String);

/// Runs `work`, and fails with [`Interrupted`] on Ctrl-C.
async fn or_interrupted<T, E>(
    work: impl Future<Output = Result<T, E>>,
    environment: &str,
) -> anyhow::Result<T>
where
    anyhow::Error: From<E>,
{
    tokio::select! {
        done = work => Ok(done?),
        () = super::interrupt::ctrl_c() => Err(Interrupted(environment.to_owned()).into()),
    }
}

/// Deploys the local environment `name` without confirmation.
pub(super) async fn deploy(name: &str, progress: &Progress) -> anyhow::Result<Deployed> {
    let options = DeployOptions {
        consent: Consent::Given,
        recreate: false,
        allow_replace: std::collections::BTreeSet::new(),
        repairs: Repairs::default(),
        ttl: None,
        functions: None,
        build_id: build_id()?,
    };
    or_interrupted(
        deploy::deploy(&Environment::load(name)?, &options, progress),
        name,
    )
    .await
}

/// Returns the id of this build of `stack`. A running supervisor of another build is replaced.
pub(super) fn build_id() -> anyhow::Result<String> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let metadata = program
        .metadata()
        .with_context(|| format!("cannot read `{}`", program.display()))?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!(
        "{}-{:x}-{modified:x}",
        env!("CARGO_PKG_VERSION"),
        metadata.len()
    ))
}
