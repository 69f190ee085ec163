//! This system as CloudFormation templates: a file per stage.
//!
//! `lake` keeps state, `pipeline` is the rest; each stage's file puts its part into both. `warehouse` is Redshift, as a
//! `cluster` or `serverless`, in a `network`, with the `access` that its analysts have and its `audit`. What one stack
//! gives and another takes is in `crossing`, once, with its type.

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
mod names;
mod network;
mod pipeline;
mod query;
mod reconcile;
mod serverless;
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
