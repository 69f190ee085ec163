//! Takes an environment down.
//!
//! `local` ends a machine. On AWS: `inventory` reads what is there, `plan` decides what becomes of it, `consent` whether
//! it may begin, `aws` puts the steps in order, `stack` deletes one stack and removes what blocks it, `bucket` empties
//! a bucket, `sweep` removes by exact name what stacks let go, and `leftovers` looks for anything that remained.

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
pub use consent::{Consent, Given};
pub use error::TeardownError;
pub use inventory::inventory;
pub use local::destroy_local;
pub use plan::{Fate, Plan, PlannedResource, PlannedStack};

use std::collections::BTreeMap;

use serde::Serialize;

/// What a teardown did.
#[derive(Debug, Default, Serialize)]
pub struct Destroyed {
    /// The environment.
    pub environment: String,
    /// `destroyed`, or `absent` when there was nothing.
    pub outcome: &'static str,
    /// From command to end.
    pub seconds: f64,
    /// What became of each stack on AWS: `deleted`, or `absent`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stacks: BTreeMap<String, &'static str>,
    /// How many object versions, delete markers and unfinished uploads each bucket lost.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub emptied: BTreeMap<String, u64>,
    /// What no stack had any more and was removed by its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub swept: Vec<String>,
    /// Keys that are there still: kept in production, else waiting at least seven days to be deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// What production keeps beside its keys: logins of the warehouse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// Final snapshots of the warehouse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<String>,
    /// What should be gone and is not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<String>,
    /// What could not be asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}
