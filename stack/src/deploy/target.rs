//! The target of a deploy: this machine or an AWS account, prepared before the first stack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::local::{Data, Machine, Started};

use super::values::{Values, local_warehouse};
use super::{DeployError, DeployOptions, build, prebuilt};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::function::FunctionSpec;
use crate::outputs::{self, Outputs, OutputsError};
use crate::progress::Progress;

/// The prepared target of a deploy.
pub(super) struct DeployTarget {
    pub(super) clients: Clients,
    /// The machine of a local environment; `None` on AWS.
    pub(super) machine: Option<Machine>,
    /// Whether earlier data was removed, as requested.
    pub(super) recreated: bool,
    /// The values that are known before the first stack.
    pub(super) values: Values,
}

impl DeployTarget {
    /// Starts the machine of a local environment, or signs in to AWS.
    pub(super) async fn prepare(
        environment: &Environment,
        options: &DeployOptions,
        progress: &Progress,
    ) -> Result<Self, DeployError> {
        if !environment.is_local() {
            return Ok(Self {
                clients: Clients::aws(environment).await?,
                machine: None,
                recreated: false,
                values: Values::new(),
            });
        }
        let machine = crate::session::machine(environment)?;
        let data = if options.recreate {
            Data::Remove
        } else {
            Data::Keep
        };
        let started = start(&machine, &options.build_id, data, progress).await?;
        let recreated = started == Started::Recreated;
        let addresses = machine.addresses()?;
        Ok(Self {
            clients: Clients::local(&addresses),
            values: local_warehouse(&addresses.cluster_identifier),
            machine: Some(machine),
            recreated,
        })
    }

    /// Returns the addresses and names of the deployed environment.
    pub(super) async fn outputs(&self, environment: &Environment) -> Result<Outputs, OutputsError> {
        match &self.machine {
            Some(machine) => outputs::of_local(environment, machine, &self.clients).await,
            None => outputs::of_aws(environment, &self.clients).await,
        }
    }
}

/// Returns the binaries of the functions: those in `folder`, or built from source.
pub(super) async fn functions(
    environment: &Environment,
    folder: Option<&Path>,
    progress: &Progress,
) -> Result<BTreeMap<&'static FunctionSpec, PathBuf>, DeployError> {
    let step = progress.step("functions");
    if let Some(folder) = folder {
        let found = prebuilt(folder, environment.architecture())?;
        step.done("found");
        return Ok(found);
    }
    let (lines, mut received) = tokio::sync::mpsc::unbounded_channel::<String>();
    let environment = environment.clone();
    let building = tokio::task::spawn_blocking(move || {
        // If the receiver is gone, the build continues.
        build::functions(&environment, move |line| drop(lines.send(line.to_owned())))
    });
    while let Some(line) = received.recv().await {
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

/// Starts the machine of a local environment, if it is not running.
pub(crate) async fn start(
    machine: &Machine,
    build_id: &str,
    data: Data,
    progress: &Progress,
) -> Result<Started, DeployError> {
    let step = progress.step(format!("machine `{}`", machine.name));
    let program = std::env::current_exe().map_err(|source| DeployError::Read {
        path: "/proc/self/exe".into(),
        source,
    })?;
    let (machine, build_id) = (machine.clone(), build_id.to_owned());
    let (lines, mut received) = tokio::sync::mpsc::unbounded_channel::<String>();
    let start = tokio::task::spawn_blocking(move || {
        // If the receiver is gone, the start continues.
        machine.start(&program, &build_id, data, |line| {
            drop(lines.send(line.to_owned()));
        })
    });
    while let Some(line) = received.recv().await {
        progress.say(&line);
    }
    let started = start
        .await
        .map_err(|error| ::local::LocalError::Task(Box::new(error)))??;
    step.done(match &started {
        Started::Running => "running",
        Started::Fresh => "started",
        Started::Recreated => "recreated",
        Started::Resumed => "started with its existing data",
        Started::TakenOver => "taken over by this build",
    });
    Ok(started)
}
