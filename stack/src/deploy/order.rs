//! What is ordered of a deploy, and what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::Consent;
use super::stack::Repairs;
use crate::environment::Ttl;
use crate::outputs::Outputs;

/// What was ordered beside the environment.
#[derive(Clone, Debug)]
pub struct Order {
    /// How somebody agrees to the plan. On this machine nobody has to.
    pub consent: Consent,
    /// Whether the data of an environment on this machine is removed first.
    pub recreate: bool,
    /// Logical ids of resources that may be replaced or removed with their data.
    pub allow_replace: BTreeSet<String>,
    /// How a stack may be repaired.
    pub repairs: Repairs,
    /// How long the environment lives from now on; without one as before, or as its file says.
    pub ttl: Option<Ttl>,
    /// The folder of functions that were built elsewhere; without one they are built.
    pub functions: Option<PathBuf>,
    /// Tells this build of the program from another: a local supervisor of another one is replaced.
    pub build_id: String,
}

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
    /// Whether earlier data was removed, as was ordered.
    pub recreated: bool,
    /// Seconds that an event took from the API to DynamoDB; none was sent when nothing changed.
    pub smoke_seconds: Option<f64>,
    /// From command to end.
    pub seconds: f64,
    /// Where everything is.
    pub outputs: Outputs,
}
