//! This system as CloudFormation templates: a file per stage.
//!
//! `lake` keeps state, `pipeline` is the rest; each stage's file puts its part into both. What one stack gives and
//! another takes is in `crossing`, once, with its type.

mod account;
mod alarm;
mod api;
mod crossing;
mod dashboard;
mod function;
mod inbox;
mod ingest;
mod lake;
mod load;
mod names;
mod pipeline;
mod query;
mod reconcile;
mod stacks;
mod store;
mod stream;
mod suppression;
mod transform;
mod waf;

pub use account::account_stack;
pub use function::FunctionName;
pub use names::{APPLICATION, Names};
pub use stacks::{Stack, StackKind, StackName, stacks};
