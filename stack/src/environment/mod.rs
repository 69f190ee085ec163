//! Environments: the YAML file of a deployment, parsed into types that cannot represent an invalid state.
//!
//! `file` is the file as it is written, `read` validates it, `open` finds it.

mod alarms;
mod concurrency;
mod error;
mod explain;
mod file;
mod name;
mod open;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod timing;
mod ttl;

pub use alarms::{Alarms, Email, EmailError};
pub use concurrency::Concurrency;
pub use error::EnvironmentError;
pub use name::{EnvironmentName, NameError};
pub use settings::{
    APPLICATION, Api, Auth, ClusterAccess, Environment, Network, Place, Profile, ServerlessAccess,
    Target, Waf, Warehouse, Windows,
};
pub use timing::{Pace, Timing};
pub use ttl::{Ttl, TtlError};
