//! The deploy engine, for this machine and for AWS.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use ::local::Folders;
use cloudformation::{CloudFormation, DesiredStack, Prepared, StackOutcome};
use futures_util::future::join_all;
use time::OffsetDateTime;
use warehouse::migrations::{self, MigrationContext};

use super::asset::Packing;
use super::expiry::expiry;
use super::options::{DeployOptions, Deployed};
use super::proof::Proof;
use super::target::{self, DeployTarget};
use super::upload::{Uploaded, upload};
use super::values::{Values, desired_stack, needed, parameters, tags};
use super::{DeployError, function, smoke};
use crate::environment::Environment;
use crate::function::{FUNCTIONS, FunctionSpec, LOAD};
use crate::listing::EXPIRES;
use crate::outputs::OutputsError;
use crate::platform::{Names, Stack, StackKind, stacks};
use crate::progress::Progress;
use crate::{lock, login};

/// Deploys the environment. Idempotent: if nothing has changed, it takes seconds. After an interruption at
/// any point, the same call continues.
///
/// # Errors
///
/// Fails with the first thing that could not be done and what to do about it.
pub async fn deploy(
    environment: &Environment,
    options: &DeployOptions,
    progress: &Progress,
) -> Result<Deployed, DeployError> {
    let begun = Instant::now();
    lock::check(environment, &stacks(environment))?;
    check_python(environment)?;
    let (binaries, target) = tokio::join!(
        target::functions(environment, options.functions.as_deref(), progress),
        DeployTarget::prepare(environment, options, progress)
    );
    let (binaries, target) = (binaries?, target?);
    let run = Run::begin(environment, options, progress, &target).await?;
    let done = run.stacks(&binaries).await?;
    let unchanged = done.is_unchanged();
    let proved = unchanged && done.proof.is_there().await?;
    if !proved {
        run.wait_functions().await?;
    }
    let outputs = target.outputs(environment).await?;
    let smoke_seconds = if proved {
        None
    } else {
        run.prove(&done.proof, &outputs).await?
    };
    if let Some(machine) = &target.machine {
        run.finish_local(machine, unchanged, &outputs).await?;
    }
    let word = |(name, outcome): (String, StackOutcome)| (name, outcome.as_str());
    Ok(Deployed {
        outcome: if unchanged { "unchanged" } else { "deployed" },
        stacks: done.outcomes.into_iter().map(word).collect(),
        uploads: done.uploads,
        migrations: done.migrations,
        recreated: target.recreated,
        smoke_seconds,
        seconds: begun.elapsed().as_secs_f64(),
        outputs,
    })
}

/// A local environment needs Python. This is checked before the functions are built, which can take minutes.
fn check_python(environment: &Environment) -> Result<(), DeployError> {
    if environment.is_local() {
        let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
        ::local::check_python(&folders.cache)?;
    }
    Ok(())
}

/// A deploy in progress.
pub(super) struct Run<'a> {
    pub(super) environment: &'a Environment,
    pub(super) options: &'a DeployOptions,
    pub(super) progress: &'a Progress,
    pub(super) cloudformation: CloudFormation,
    /// The tags of every stack.
    tags: BTreeMap<String, String>,
    target: &'a DeployTarget,
    /// Whether the user has already consented.
    pub(super) agreed: Cell<bool>,
}

/// The outcomes of the stacks and their content.
struct Done {
    proof: Proof,
    outcomes: BTreeMap<String, StackOutcome>,
    uploads: usize,
    migrations: Vec<String>,
}

impl Done {
    fn is_unchanged(&self) -> bool {
        let mut outcomes = self.outcomes.values();
        self.uploads == 0
            && self.migrations.is_empty()
            && outcomes.all(|it| *it == StackOutcome::Unchanged)
    }
}

impl<'a> Run<'a> {
    /// Reads when the environment expires, and decides its new expiry.
    async fn begin(
        environment: &'a Environment,
        options: &'a DeployOptions,
        progress: &'a Progress,
        target: &'a DeployTarget,
    ) -> Result<Self, DeployError> {
        let cloudformation = CloudFormation::new(target.clients.sdk(), Arc::default());
        let lake = Names::of(environment).stack(StackKind::Lake);
        let deployed = cloudformation.tag(lake.as_ref(), EXPIRES).await?;
        let now = OffsetDateTime::now_utc();
        let expiry = expiry(environment, options.ttl, deployed, now)?;
        Ok(Self {
            tags: tags(environment, expiry),
            environment,
            options,
            progress,
            cloudformation,
            target,
            agreed: Cell::new(false),
        })
    }
}

impl Run<'_> {
    async fn stacks(
        &self,
        binaries: &BTreeMap<&'static FunctionSpec, PathBuf>,
    ) -> Result<Done, DeployError> {
        let all = needed(
            self.environment,
            &self.cloudformation,
            self.target.clients.sdk(),
        )
        .await?;
        let (later, base): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|stack| stack.kind.takes_values());
        let mut values = self.target.values.clone();
        let mut outcomes = self.stage(&base, &mut values).await?;
        let (uploaded, applied) =
            tokio::join!(self.upload(binaries, &values), self.migrate(&values));
        let uploaded = uploaded?;
        values.extend(uploaded.keys);
        let migrations = applied?;
        outcomes.extend(self.stage(&later, &mut values).await?);
        Ok(Done {
            proof: self.proof(&later, &values)?,
            outcomes,
            uploads: uploaded.count,
            migrations,
        })
    }

    /// Deploys independent stacks in parallel and adds their outputs to `values`.
    async fn stage(
        &self,
        stacks: &[Stack],
        values: &mut Values,
    ) -> Result<BTreeMap<String, StackOutcome>, DeployError> {
        let filled = stacks
            .iter()
            .map(|stack| parameters(stack, values))
            .collect::<Result<Vec<_>, _>>()?;
        let desired_stacks: Vec<_> = stacks
            .iter()
            .zip(&filled)
            .map(|(stack, parameters)| {
                desired_stack(self.environment, stack, parameters, &self.tags)
            })
            .collect();
        let deployed = self.agreed_plans(&desired_stacks).await?;
        let applied = join_all(
            deployed
                .iter()
                .map(|(desired, prepared)| self.apply(desired, prepared)),
        );
        let outcomes: Result<Vec<_>, _> = applied.await.into_iter().collect();
        let names = desired_stacks
            .iter()
            .map(|desired| desired.stack.to_owned());
        let outcomes = names.clone().zip(outcomes?).collect();
        for outputs in join_all(
            desired_stacks
                .iter()
                .map(|desired| self.cloudformation.outputs(desired.stack)),
        )
        .await
        {
            values.extend(outputs?.unwrap_or_default());
        }
        Ok(outcomes)
    }

    async fn apply(
        &self,
        desired: &DesiredStack<'_>,
        prepared: &Prepared,
    ) -> Result<StackOutcome, DeployError> {
        let step = self.progress.step(format!("stack {}", desired.stack));
        let outcome = match prepared {
            Prepared::Settled(outcome) => *outcome,
            Prepared::Planned(plan) => self.cloudformation.apply(desired, plan, &step).await?,
        };
        step.done(outcome.as_str());
        Ok(outcome)
    }

    async fn upload(
        &self,
        binaries: &BTreeMap<&'static FunctionSpec, PathBuf>,
        values: &Values,
    ) -> Result<Uploaded, DeployError> {
        let step = self.progress.step("function zips");
        let bucket = self.assets(values)?;
        let packing = Packing::of(self.environment);
        let uploaded = upload(&self.target.clients.s3(), bucket, binaries, packing).await?;
        step.done(&format!(
            "{} of {} uploaded",
            uploaded.count,
            binaries.len()
        ));
        Ok(uploaded)
    }

    async fn migrate(&self, values: &Values) -> Result<Vec<String>, DeployError> {
        let step = self.progress.step("warehouse");
        let names = Names::of(self.environment);
        let missing = |output| OutputsError::MissingOutput {
            stack: names.stack(StackKind::Warehouse).to_string(),
            output,
        };
        let warehouse =
            crate::session::warehouse_of(&self.target.clients, values).map_err(missing)?;
        let context = MigrationContext {
            database: values.get("WarehouseDatabase").cloned().unwrap_or_default(),
            loader_role: names.function(&LOAD),
        };
        let applied = migrations::migrate(&warehouse, &context)
            .await
            .map_err(|error| DeployError::Migrate(Box::new(error)))?;
        login::let_in(
            self.target.clients.sdk(),
            &warehouse,
            &self.environment.name,
            self.target.machine.as_ref(),
        )
        .await?;
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

    /// Sends the probe event and keeps the proof of its arrival. Returns the seconds until it arrived; `None` if no probe
    /// was sent.
    async fn prove(
        &self,
        proof: &Proof,
        outputs: &crate::outputs::Outputs,
    ) -> Result<Option<f64>, DeployError> {
        let clients = &self.target.clients;
        let seconds = smoke::smoke(self.environment, clients, outputs, self.progress).await?;
        if seconds.is_some() {
            proof.keep().await?;
        }
        Ok(seconds)
    }

    /// Writes the state of the emulator if the deploy changed it. Refuses to report success if the warehouse has loaded
    /// files of a lake that no longer exists.
    async fn finish_local(
        &self,
        machine: &::local::Machine,
        unchanged: bool,
        outputs: &crate::outputs::Outputs,
    ) -> Result<(), DeployError> {
        if !unchanged && !machine.save().await {
            let problem = "the emulator could not write its state; it will try again";
            self.progress.say(problem);
        }
        let s3 = self.target.clients.s3();
        let ledger = crate::session::local_warehouse(&self.target.clients, outputs);
        if crate::load::lake_is_gone(&s3, &outputs.buckets.staging, &ledger).await? {
            return Err(DeployError::LakeGone(self.environment.name.to_string()));
        }
        Ok(())
    }

    /// Returns the proof of the probe's arrival, which depends on the content of the pipeline only.
    fn proof(&self, stacks: &[Stack], values: &Values) -> Result<Proof, DeployError> {
        let (mut content, none) = (String::new(), BTreeMap::new());
        for stack in stacks.iter().filter(|it| it.kind == StackKind::Pipeline) {
            let filled = parameters(stack, values)?;
            // Tags cannot make a deploy fail, and one of them is a time.
            let untagged = desired_stack(self.environment, stack, &filled, &none);
            content.push_str(&untagged.content());
        }
        let s3 = self.target.clients.s3();
        Ok(Proof::of(s3, self.assets(values)?, &content))
    }

    fn assets<'v>(&self, values: &'v Values) -> Result<&'v String, OutputsError> {
        values
            .get("AssetsBucketName")
            .ok_or_else(|| OutputsError::MissingOutput {
                stack: Names::of(self.environment)
                    .stack(StackKind::Lake)
                    .to_string(),
                output: "AssetsBucketName",
            })
    }

    async fn wait_functions(&self) -> Result<(), DeployError> {
        let lambda = aws_sdk_lambda::Client::new(self.target.clients.sdk());
        let names = Names::of(self.environment);
        for name in FUNCTIONS {
            function::wait_active(&lambda, &names.function(name)).await?;
        }
        Ok(())
    }
}
