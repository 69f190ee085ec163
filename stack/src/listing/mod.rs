//! Which environments there are: on this machine, and in an account's region.

mod aws;
mod local;

pub use aws::in_region;
pub use local::on_machine;

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

/// The tag of a stack that says when its environment may be destroyed by anybody, as RFC 3339 writes a time.
pub const EXPIRES: &str = "expires";

/// An environment that is there.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Listed {
    /// Its name.
    pub environment: String,
    /// `local`, or the region.
    pub target: String,
    /// `running`, or why not; on AWS the status of the stack that is worst off.
    pub state: String,
    /// Since when it is there.
    #[serde(with = "rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// When it may be destroyed by anybody.
    #[serde(with = "rfc3339::option")]
    pub expires: Option<OffsetDateTime>,
    /// The status of each stack; none locally.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stacks: BTreeMap<String, String>,
}
