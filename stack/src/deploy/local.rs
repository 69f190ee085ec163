//! A whole environment on this machine, in order: machine and build, `lake`, zips and migrations, `pipeline`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use ::local::{Addresses, Machine, Started};
use serde::Serialize;
use warehouse::migrations::{self, MigrationContext};

use super::asset::Packing;
use super::change_set::Wanted;
use super::stack::{self, StackOutcome};
use super::upload::upload;
use super::{DeployError, Progress, build, function};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::login;
use crate::outputs::{self, Outputs};
use crate::platform::{FunctionName, Names, Stack, StackKind, stacks};

/// Role that a local COPY names. Nothing assumes it: the local Data API server reads S3 itself.
const LOCAL_COPY_ROLE: &str = "riverhouse-local-copy";

/// What a deploy did.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// `unchanged` when it had nothing to do.
    pub outcome: &'static str,
    /// What became of each stack.
    pub stacks: BTreeMap<String, &'static str>,
    /// How many zips were uploaded.
    pub uploads: usize,
    /// Migrations that were applied.
    pub migrations: Vec<String>,
    /// Why earlier data is gone, if it is.
    pub recreated: Option<String>,
    /// From command to end.
    pub seconds: f64,
    /// Where everything is.
    pub outputs: Outputs,
}

/// Brings the environment up on this machine. Doing it again changes nothing and takes seconds; after a
/// crash at any point it goes on from what is there.
///
/// # Errors
///
/// The first thing that could not be done, and what to do about it.
pub async fn deploy_local(
    environment: &Environment,
    machine: &Machine,
    build_id: &str,
    progress: &Progress,
) -> Result<Deployed, DeployError> {
    let begun = Instant::now();
    let (built, started) = tokio::join!(
        build_functions(environment, progress),
        start(machine, build_id, progress)
    );
    let (binaries, started) = (built?, started?);
    let recreated = match started {
        Started::Recreated { reason } => {
            progress.say(&format!(
                "earlier data of `{}` is gone: {reason}",
                machine.name
            ));
            Some(reason)
        }
        _ => None,
    };
    let addresses = machine.addresses()?;
    let engine = Engine {
        environment,
        progress,
        clients: Clients::local(&addresses),
        addresses,
    };
    let (stacks, uploads, migrations) = engine.run(&binaries).await?;
    login::let_in(
        &engine.clients,
        &engine.addresses,
        &environment.name,
        machine,
    )
    .await?;
    let unchanged = uploads == 0
        && migrations.is_empty()
        && stacks
            .values()
            .all(|outcome| *outcome == StackOutcome::Unchanged);
    Ok(Deployed {
        outcome: if unchanged { "unchanged" } else { "deployed" },
        stacks: stacks
            .into_iter()
            .map(|(name, outcome)| (name, outcome.as_str()))
            .collect(),
        uploads,
        migrations,
        recreated,
        seconds: begun.elapsed().as_secs_f64(),
        outputs: outputs::of_local(environment, machine, &engine.clients).await?,
    })
}

async fn build_functions(
    environment: &Environment,
    progress: &Progress,
) -> Result<BTreeMap<FunctionName, PathBuf>, DeployError> {
    let step = progress.step("functions");
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel::<String>();
    let environment = environment.clone();
    let building = tokio::task::spawn_blocking(move || {
        // Nobody may hear any more: the build goes on.
        build::functions(&environment, move |line| drop(told.send(line.to_owned())))
    });
    while let Some(line) = hears.recv().await {
        step.at(line);
    }
    let built = building.await.map_err(|error| DeployError::Build {
        command: "cargo build".to_owned(),
        ended: error.to_string(),
        output: String::new(),
    })??;
    step.done("built");
    Ok(built)
}

async fn start(
    machine: &Machine,
    build_id: &str,
    progress: &Progress,
) -> Result<Started, DeployError> {
    let step = progress.step(format!("machine `{}`", machine.name));
    let program = std::env::current_exe().map_err(|source| DeployError::Read {
        path: "/proc/self/exe".into(),
        source,
    })?;
    let (machine, build_id) = (machine.clone(), build_id.to_owned());
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel::<String>();
    let start = tokio::task::spawn_blocking(move || {
        // Nobody may hear any more: the start goes on.
        machine.start(&program, &build_id, |line| drop(told.send(line.to_owned())))
    });
    while let Some(line) = hears.recv().await {
        progress.say(&line);
    }
    let started = start.await.map_err(|error| DeployError::Read {
        path: "the starting thread".into(),
        source: std::io::Error::other(error),
    })??;
    step.done(match started {
        Started::Running => "running",
        Started::Fresh => "started",
        Started::Recreated { .. } => "recreated",
        Started::TakenOver => "taken over by this build",
    });
    Ok(started)
}

struct Engine<'a> {
    environment: &'a Environment,
    progress: &'a Progress,
    clients: Clients,
    addresses: Addresses,
}

type Outcome = (BTreeMap<String, StackOutcome>, usize, Vec<String>);

impl Engine<'_> {
    async fn run(
        &self,
        binaries: &BTreeMap<FunctionName, PathBuf>,
    ) -> Result<Outcome, DeployError> {
        let cloudformation = aws_sdk_cloudformation::Client::new(self.clients.sdk());
        let mut outcomes = BTreeMap::new();
        let mut values = self.warehouse_values();
        let mut uploads = 0;
        let mut migrations = Vec::new();
        for stack in stacks(self.environment) {
            if stack.kind == StackKind::Pipeline {
                let (uploaded, applied) =
                    tokio::join!(self.upload(binaries, &values), self.migrate());
                let (keys, count) = uploaded?;
                values.extend(keys);
                uploads = count;
                migrations = applied?;
            }
            let outcome = self.deploy_stack(&cloudformation, &stack, &values).await?;
            outcomes.insert(stack.name.to_string(), outcome);
            values.extend(
                stack::outputs_of(&cloudformation, stack.name.as_ref())
                    .await?
                    .unwrap_or_default(),
            );
        }
        self.wait_functions().await?;
        Ok((outcomes, uploads, migrations))
    }

    async fn deploy_stack(
        &self,
        client: &aws_sdk_cloudformation::Client,
        stack: &Stack,
        values: &BTreeMap<String, String>,
    ) -> Result<StackOutcome, DeployError> {
        let step = self.progress.step(format!("stack {}", stack.name));
        let wanted = Wanted {
            stack: stack.name.as_ref(),
            template: &stack.template.to_json(),
            parameters: &parameters(stack, values)?,
            tags: &self.environment.tags,
        };
        let outcome = stack::deploy(client, &wanted, &step).await?;
        step.done(outcome.as_str());
        Ok(outcome)
    }

    /// What the warehouse stack gives on AWS.
    fn warehouse_values(&self) -> BTreeMap<String, String> {
        [
            (
                "WarehouseClusterIdentifier",
                self.addresses.cluster_identifier.clone(),
            ),
            ("WarehouseDatabase", ::local::DATABASE.to_owned()),
            (
                "WarehouseCopyRoleArn",
                format!("arn:aws:iam::{}:role/{LOCAL_COPY_ROLE}", ::local::ACCOUNT),
            ),
            ("WarehouseCopyRoleName", LOCAL_COPY_ROLE.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Puts the zips into the assets bucket; one whose key is there already is not sent again.
    async fn upload(
        &self,
        binaries: &BTreeMap<FunctionName, PathBuf>,
        values: &BTreeMap<String, String>,
    ) -> Result<(BTreeMap<String, String>, usize), DeployError> {
        let step = self.progress.step("function zips");
        let bucket = values
            .get("AssetsBucketName")
            .ok_or_else(|| DeployError::MissingOutput {
                stack: Names::of(self.environment)
                    .stack(StackKind::Lake)
                    .to_string(),
                output: "AssetsBucketName",
            })?;
        let uploaded = upload(
            &self.clients.s3(),
            bucket,
            binaries,
            Packing::of(self.environment),
        )
        .await?;
        step.done(&format!(
            "{} of {} uploaded",
            uploaded.count,
            binaries.len()
        ));
        Ok((uploaded.keys, uploaded.count))
    }

    async fn migrate(&self) -> Result<Vec<String>, DeployError> {
        let step = self.progress.step("warehouse");
        let warehouse = crate::session::admin_warehouse(&self.clients, &self.addresses);
        let loader = Names::of(self.environment).function(FunctionName::Load);
        let context = MigrationContext {
            database: ::local::DATABASE.to_owned(),
            loader_role: loader,
        };
        let applied = migrations::migrate(&warehouse, &context)
            .await
            .map_err(|error| DeployError::Migrate(Box::new(error)))?;
        let names: Vec<_> = applied
            .iter()
            .map(|migration| format!("{:04}_{}", migration.version, migration.name))
            .collect();
        step.done(&match names.len() {
            0 => "up to date".to_owned(),
            count => format!("{count} migrations applied"),
        });
        Ok(names)
    }

    async fn wait_functions(&self) -> Result<(), DeployError> {
        let lambda = aws_sdk_lambda::Client::new(self.clients.sdk());
        let names = Names::of(self.environment);
        for name in FunctionName::ALL {
            function::wait_active(&lambda, &names.function(name)).await?;
        }
        Ok(())
    }
}

/// The values of a template's parameters: each the output of its name of a stack before it.
fn parameters(
    stack: &Stack,
    values: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, DeployError> {
    stack
        .template
        .parameters()
        .map(|parameter| {
            let value = values.get(parameter).ok_or_else(|| DeployError::Unfilled {
                stack: stack.name.to_string(),
                parameter: parameter.to_owned(),
            })?;
            Ok((parameter.to_owned(), value.clone()))
        })
        .collect()
}
