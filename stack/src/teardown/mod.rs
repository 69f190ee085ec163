//! Destroys environments.
//!
//! `local` destroys an environment on this machine. On AWS, `inventory` lists the stacks, `plan` decides what
//! happens to their resources, `consent` whether to begin; `aws` runs the steps in order: `stack` deletes one
//! stack and removes obstacles, `bucket` empties a bucket, `sweep` removes resources that stacks released, by
//! exact name, and `leftovers` looks for anything that remains.

mod aws;
mod bucket;
mod consent;
mod error;
mod inventory;
mod leftovers;
mod local;
mod plan;
mod remedy;
mod stack;
mod sweep;

pub use aws::destroy_aws;
pub use consent::{Consent, ConsentOptions};
pub use error::TeardownError;
pub use inventory::inventory;
pub use local::destroy_local;
pub use plan::{Disposal, Plan, PlannedResource, PlannedStack};

use std::collections::BTreeMap;

use serde::Serialize;

/// The result of a teardown.
#[derive(Debug, Default, Serialize)]
pub struct Destroyed {
    pub environment: String,
    /// `destroyed`, or `absent` if there was nothing.
    pub outcome: &'static str,
    /// The duration of the command.
    pub seconds: f64,
    /// The result for each stack on AWS: `deleted` or `absent`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stacks: BTreeMap<String, &'static str>,
    /// The number of object versions, delete markers and unfinished uploads that were removed from each
    /// bucket.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub emptied: BTreeMap<String, u64>,
    /// Resources that belonged to no stack and were removed by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub swept: Vec<String>,
    /// Keys that still exist: kept in production, otherwise pending deletion for at least seven days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// What production keeps besides its keys: logins of the warehouse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// Final snapshots of the warehouse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<String>,
    /// Resources that should be gone but remain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<String>,
    /// What could not be checked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}
