//! An environment that makes sense.

mod warehouse;

use std::collections::BTreeMap;
use std::path::PathBuf;

use cfn::resources::apigateway::Throttle;
use cfn::resources::kinesis::Capacity;
use cfn::resources::lambda::Architecture;
use cfn::resources::logs::RetentionDays;

use super::alarms::Alarms;
use super::concurrency::Concurrency;
use super::name::EnvironmentName;
use super::pace::Pace;
use super::ttl::Ttl;

pub use warehouse::{ClusterAccess, Network, Place, ServerlessAccess, Warehouse};

/// The first part of every name, and the tag `application`.
pub const APPLICATION: &str = "riverhouse";

/// Everything that differs between two deployments. [`Environment::load`] makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Part of every resource's name.
    pub name: EnvironmentName,
    /// Where it runs.
    pub target: Target,
    /// What its data is worth.
    pub profile: Profile,
    /// How patient it is.
    pub pace: Pace,
    /// How its stream scales.
    pub stream: Capacity,
    /// Who may call its API.
    pub auth: Auth,
    /// What analysts ask.
    pub warehouse: Warehouse,
    /// Its API.
    pub api: Api,
    /// How many calls of each function may run at once.
    pub concurrency: Concurrency,
    /// Who hears when something is wrong.
    pub alarms: Alarms,
    /// How long stages wait to gather work.
    pub windows: Windows,
    /// How long log lines are kept.
    pub log_retention: RetentionDays,
    /// Whether requests and calls are traced with X-Ray.
    pub tracing: bool,
    /// Tags of every resource, `application` and `environment` among them.
    pub tags: BTreeMap<String, String>,
    /// In production, the file that lists what may not be lost: see `stack synth`.
    pub lock: Option<PathBuf>,
}

/// Where an environment runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// On this machine.
    Local,
    /// On AWS.
    Aws {
        /// Such as `eu-west-1`.
        region: String,
        /// The only account it may be deployed to. `None`: the one of whoever deploys.
        account: Option<String>,
        /// Where all of its services are reached instead of AWS's own addresses: a private endpoint, or a stand-in.
        endpoint_url: Option<String>,
        /// The processor of its functions: `arm64` when the file names none, a fifth cheaper.
        architecture: Architecture,
    },
}

/// What an environment's data is worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Data outlives its stacks.
    Production,
    /// Data goes with its stacks.
    Ephemeral {
        /// When that is.
        ttl: Ttl,
    },
}

impl Profile {
    /// What a template needs to know of it.
    #[must_use]
    pub const fn for_data(self) -> cfn::Profile {
        match self {
            Self::Production => cfn::Profile::Production,
            Self::Ephemeral { .. } => cfn::Profile::Ephemeral,
        }
    }
}

/// Who may call an environment's API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Auth {
    /// Whoever signs with credentials that IAM lets in.
    Iam,
    /// Whoever has the key.
    ApiKey,
    /// Anybody.
    None,
}

/// An environment's API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Api {
    /// Limits for all callers together.
    pub throttle: Throttle,
    /// Whether each request is written down. Needs the account's role for API Gateway's logs.
    pub access_log: bool,
    /// What stands in front of it.
    pub waf: Waf,
}

/// What stands in front of an API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waf {
    /// Nothing: throttling and signatures do.
    None,
    /// AWS's managed rules and a limit for each address.
    Managed,
}

/// How many seconds stages wait to gather work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Windows {
    /// For records of the stream, 0 to 300.
    pub store: u16,
    /// For new raw objects, 1 to 300.
    pub transform: u16,
    /// For new staged files, 1 to 300.
    pub load: u16,
}

impl Environment {
    /// Whether it runs on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.target == Target::Local
    }

    /// The processor that its functions run on: locally, this machine's.
    #[must_use]
    pub const fn architecture(&self) -> Architecture {
        match &self.target {
            Target::Local => Architecture::host(),
            Target::Aws { architecture, .. } => *architecture,
        }
    }
}
