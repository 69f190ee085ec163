//! The validated settings of an environment.

mod warehouse;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use cfn::resources::apigateway::Throttle;
use cfn::resources::kinesis::Capacity;
use cfn::resources::lambda::Architecture;
use cfn::resources::logs::RetentionDays;

use super::alarms::Alarms;
use super::concurrency::Concurrency;
use super::name::EnvironmentName;
use super::timing::Pace;
use super::ttl::Ttl;

pub use warehouse::{ClusterAccess, Network, Place, ServerlessAccess, Warehouse};

/// The first part of every name, and the tag `application`.
pub const APPLICATION: &str = "riverhouse";

/// The settings of an environment, opened by [`Environment::load`].
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Part of the name of every resource.
    pub name: EnvironmentName,
    pub target: Target,
    pub profile: Profile,
    /// The timeouts and retries of its functions.
    pub pace: Pace,
    /// The capacity mode of its stream.
    pub stream: Capacity,
    /// Authentication of API callers.
    pub auth: Auth,
    pub warehouse: Warehouse,
    pub api: Api,
    /// The concurrency of its functions.
    pub concurrency: Concurrency,
    /// The recipients of its alarms.
    pub alarms: Alarms,
    /// The batching windows of its stages.
    pub windows: Windows,
    /// The retention of logs.
    pub log_retention: RetentionDays,
    /// Whether requests and calls are traced with X-Ray.
    pub tracing: bool,
    /// Tags of every resource, including `application` and `environment`.
    pub tags: BTreeMap<String, String>,
    /// The lock file, in production only: see `stack synth`.
    pub lock: Option<PathBuf>,
}

/// Where an environment runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// On this machine.
    Local,
    /// On AWS.
    Aws {
        /// For example `eu-west-1`.
        region: String,
        /// The only account to which it may be deployed; `None`: the account of the deployer's credentials.
        account: Option<String>,
        /// A URL for all services instead of AWS's own: a private endpoint, or a stand-in.
        endpoint_url: Option<String>,
        /// The processor architecture of its functions; `arm64` by default, which is about a fifth cheaper.
        architecture: Architecture,
    },
}

/// How valuable an environment's data is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Data is kept when the stacks are deleted.
    Production,
    /// Data is deleted with the stacks.
    Ephemeral {
        /// The time to live of the environment.
        ttl: Ttl,
    },
}

impl Profile {
    /// Returns the profile for templates.
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
    /// Callers that sign requests with IAM credentials.
    Iam,
    /// Callers with the API key.
    ApiKey,
    /// Everyone.
    None,
}

/// The settings of an environment's API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Api {
    /// Limits for all callers together.
    pub throttle: Throttle,
    /// Whether requests are logged. Requires the account's logging role for API Gateway.
    pub access_log: bool,
    /// The web application firewall.
    pub waf: Waf,
}

/// The web application firewall of an API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waf {
    /// No firewall; throttling and authentication still apply.
    None,
    /// AWS's managed rules, and a rate limit for each address.
    Managed,
}

/// The batching windows of the stages, in seconds.
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
    /// Returns how much longer than its window a stage may take. On AWS functions start cold and a serverless warehouse
    /// resumes.
    #[must_use]
    pub(crate) fn margin(&self) -> Duration {
        if self.is_local() {
            Duration::from_secs(20)
        } else {
            Duration::from_mins(5)
        }
    }

    /// Returns whether the environment runs on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.target == Target::Local
    }

    /// Returns the processor architecture of its functions; locally, this machine's.
    #[must_use]
    pub const fn architecture(&self) -> Architecture {
        match &self.target {
            Target::Local => Architecture::host(),
            Target::Aws { architecture, .. } => *architecture,
        }
    }
}
