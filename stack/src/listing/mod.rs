//! Lists environments: on this machine, and in an AWS region.

mod aws;
mod local;

pub use aws::in_region;
pub use local::on_machine;

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

/// Stack tag with the time, in RFC 3339, after which anybody may destroy the environment.
pub const EXPIRES: &str = "expires";

/// An environment in the list.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Listed {
    pub environment: String,
    /// `local`, or the AWS region.
    pub target: String,
    /// `running`, or why not. On AWS, the status of the stack in the worst state.
    pub state: String,
    /// Creation time, if known.
    #[serde(with = "rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// Time after which anybody may destroy the environment.
    #[serde(with = "rfc3339::option")]
    pub expires: Option<OffsetDateTime>,
    /// Status of each stack. Empty for a local environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stacks: BTreeMap<String, String>,
}
