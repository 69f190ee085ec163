//! The CloudFormation templates of this system: one file per stage.
//!
//! `lake` holds state, `pipeline` runs code; each stage's file adds its part to both. `warehouse` is Redshift, as a
//! `cluster` or `serverless`, with its `network`, the `access` of its analysts and its `audit` logs. `monitoring` has the
//! alarms and the dashboard. `crossing` defines, with its type, each value that one stack passes to another.

mod access;
mod account;
mod alarm;
mod api;
mod audit;
mod catalog;
mod cluster;
mod connection;
mod crossing;
mod dashboard;
mod function;
mod inbox;
mod ingest;
mod lake;
mod load;
mod monitoring;
mod names;
mod network;
mod pipeline;
mod query;
mod reconcile;
mod row;
mod serverless;
mod service_alarms;
mod service_levels;
mod stacks;
mod store;
mod stream;
mod suppression;
mod transform;
mod waf;
mod warehouse;

pub use account::account_stack;
pub use names::Names;
pub use stacks::{Stack, StackKind, StackName, stacks, stacks_of};

/// The stage of each function, in the order of the dashboard.
const STAGES: [&pipeline::Stage; 5] = [
    &ingest::STAGE,
    &store::STAGE,
    &transform::STAGE,
    &load::STAGE,
    &query::STAGE,
];
