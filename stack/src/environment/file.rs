//! The environment file as it is written. All keys have their position, and unknown keys are refused.

mod warehouse;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::Spanned;

use super::timing::Pace;

pub(super) use warehouse::{AccessKeys, NetworkKeys, WarehouseKeys};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: Spanned<String>,
    pub(super) target: Spanned<TargetKeys>,
    pub(super) profile: Spanned<ProfileKeys>,
    pub(super) pace: Spanned<Pace>,
    pub(super) stream: Spanned<StreamKeys>,
    pub(super) auth: Spanned<AuthKey>,
    pub(super) warehouse: Spanned<WarehouseKeys>,
    pub(super) api: ApiKeys,
    pub(super) concurrency: Spanned<ConcurrencyKeys>,
    pub(super) alarms: Spanned<AlarmKeys>,
    pub(super) windows: WindowKeys,
    pub(super) log_retention_days: Spanned<u16>,
    pub(super) tracing: bool,
    pub(super) tags: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per file, and it is read once"
)]
pub(super) enum TargetKeys {
    Local,
    Aws {
        region: Spanned<String>,
        account: Option<Spanned<String>>,
        endpoint_url: Option<Spanned<String>>,
        architecture: Option<ArchitectureKey>,
    },
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum ArchitectureKey {
    #[serde(rename = "arm64")]
    Arm64,
    #[serde(rename = "x86_64")]
    X86,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ProfileKeys {
    Production,
    Ephemeral { ttl: Spanned<String> },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StreamKeys {
    OnDemand,
    Provisioned { shards: Spanned<u16> },
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum AuthKey {
    Iam,
    ApiKey,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeys {
    pub(super) requests_per_second: Spanned<u32>,
    pub(super) burst: Spanned<u32>,
    pub(super) access_log: bool,
    pub(super) waf: Spanned<WafKey>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum WafKey {
    None,
    Managed,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ConcurrencyKeys {
    Unreserved,
    /// By function, for those whose default does not suit.
    Reserved(BTreeMap<String, Spanned<u16>>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum AlarmKeys {
    None,
    Topic,
    Email(Spanned<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "the keys of the file contain the unit"
)]
pub(super) struct WindowKeys {
    pub(super) store_seconds: Spanned<u16>,
    pub(super) transform_seconds: Spanned<u16>,
    pub(super) load_seconds: Spanned<u16>,
}
