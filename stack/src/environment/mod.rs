//! An environment: the YAML file of one deployment, read into types that know no impossible state.
//!
//! `file` is the file as it is written, `read` decides whether it makes sense, `load` finds it.

mod alarms;
mod concurrency;
mod error;
mod explain;
mod file;
mod load;
mod name;
mod pace;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod ttl;

pub use alarms::{Alarms, Email, EmailError};
pub use concurrency::Concurrency;
pub use error::EnvironmentError;
pub use name::{EnvironmentName, NameError};
pub use pace::{Pace, Timing};
pub use settings::{
    APPLICATION, Api, Auth, ClusterAccess, Environment, Network, Place, Profile, ServerlessAccess,
    Target, Waf, Warehouse, Windows,
};
pub use ttl::{Ttl, TtlError};
