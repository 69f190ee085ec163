//! The options and the result of a deploy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cloudformation::Repairs;
use serde::Serialize;

use super::Consent;
use crate::environment::Ttl;
use crate::outputs::Outputs;

/// The options of a deploy, besides the environment.
#[derive(Clone, Debug)]
pub struct DeployOptions {
    /// How the user consents to the plan. Not needed on this machine.
    pub consent: Consent,
    /// Whether to remove the data of a local environment first.
    pub recreate: bool,
    /// Logical ids of resources that may be replaced or removed with their data.
    pub allow_replace: BTreeSet<String>,
    /// How a stack may be repaired.
    pub repairs: Repairs,
    /// The new time to live; `None`: as before, or as the environment's file says.
    pub ttl: Option<Ttl>,
    /// The folder of functions that were built elsewhere; `None`: build them.
    pub functions: Option<PathBuf>,
    /// Identifies this build of the program: a local supervisor of another build is replaced.
    pub build_id: String,
}

/// The result of a deploy.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// `unchanged` if there was nothing to do.
    pub outcome: &'static str,
    /// The outcome of each stack.
    pub stacks: BTreeMap<String, &'static str>,
    /// The number of uploaded zips.
    pub uploads: usize,
    /// The migrations that were applied.
    pub migrations: Vec<String>,
    /// Whether earlier data was removed, as requested.
    pub recreated: bool,
    /// Seconds that the probe event took from the API to DynamoDB; `None` if nothing changed and none was
    /// sent.
    pub smoke_seconds: Option<f64>,
    /// The duration of the command.
    pub seconds: f64,
    /// The addresses and names of the environment.
    pub outputs: Outputs,
}
