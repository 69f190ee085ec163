//! The Lambda functions of the platform: one table.
//!
//! Resources, alarms, dashboard rows, reserved concurrency, zips, logs and `status` iterate over [`FUNCTIONS`]. What a
//! function may do and which settings it has need other resources, so they are in its stage's file in `platform/`.

mod dashboard;

use std::fmt;

pub(crate) use dashboard::{Figure, Row, Source, Widget};

/// Largest answer time of API Gateway, in seconds.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const API_TIMEOUT_SECONDS: u16 = 29;
/// Fewest concurrent calls of a queue's mapping that AWS accepts.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
pub(crate) const QUEUE_CALLS: u16 = 2;

/// Every function.
pub static FUNCTIONS: [&FunctionSpec; 5] = [&INGEST, &STORE, &TRANSFORM, &LOAD, &QUERY];

/// What is fixed about a function in every environment.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct FunctionSpec {
    /// Name of its binary, and the last part of the function's name.
    pub name: &'static str,
    pub ids: Ids,
    pub(crate) description: &'static str,
    pub(crate) memory_mb: u16,
    pub(crate) timeout: Timeout,
    pub(crate) calls: Calls,
    /// Its row of the dashboard, if it is a stage of its own.
    pub(crate) dashboard: Option<Row>,
}

/// Logical ids. They are permanent: changing one replaces the resource.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ids {
    pub function: &'static str,
    pub role: &'static str,
    pub policy: &'static str,
    pub logs: &'static str,
    pub errors_alarm: &'static str,
    pub throttles_alarm: &'static str,
    /// The parameter that takes the key of its zip in the assets bucket.
    pub code_key: &'static str,
}

/// The ids that begin with a function's name in CamelCase.
macro_rules! ids {
    ($name:literal) => {
        Ids {
            function: concat!($name, "Function"),
            role: concat!($name, "Role"),
            policy: concat!($name, "Policy"),
            logs: concat!($name, "Logs"),
            errors_alarm: concat!($name, "Errors"),
            throttles_alarm: concat!($name, "Throttles"),
            code_key: concat!($name, "CodeKey"),
        }
    };
}

/// After how long Lambda stops a call.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timeout {
    /// When API Gateway stops waiting.
    Api,
    /// As the environment's pace says for functions on a stream or a queue.
    Batch,
}

impl Timeout {
    /// The timeout in an environment in which batches may take `batch_seconds`.
    pub(crate) const fn seconds(self, batch_seconds: u16) -> u16 {
        match self {
            Self::Api => API_TIMEOUT_SECONDS,
            Self::Batch => batch_seconds,
        }
    }
}

/// Who calls a function, which decides how many concurrent calls it needs at least.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Calls {
    /// A call for each request.
    Request,
    /// A call for each shard of the stream.
    Shard,
    /// Calls of a queue's mapping, and `others` beside them.
    Queue { others: u16 },
}

impl Calls {
    /// The fewest concurrent calls to reserve, with a stream of `shards`.
    pub(crate) const fn least(self, shards: u16) -> u16 {
        match self {
            Self::Request => 1,
            Self::Shard => shards,
            Self::Queue { others } => QUEUE_CALLS + others,
        }
    }
}

/// HTTP to stream.
pub static INGEST: FunctionSpec = FunctionSpec {
    name: "ingest",
    ids: ids!("Ingest"),
    description: "Riverhouse: events to stream",
    memory_mb: 512,
    timeout: Timeout::Api,
    calls: Calls::Request,
    dashboard: Some(dashboard::INGEST_ROW),
};

/// Stream to tables and raw lake.
pub static STORE: FunctionSpec = FunctionSpec {
    name: "store",
    ids: ids!("Store"),
    description: "Riverhouse: envelopes to tables and raw lake",
    memory_mb: 1024,
    timeout: Timeout::Batch,
    calls: Calls::Shard,
    dashboard: Some(dashboard::STORE_ROW),
};

/// Raw lake to CSV.
pub static TRANSFORM: FunctionSpec = FunctionSpec {
    name: "transform",
    ids: ids!("Transform"),
    description: "Riverhouse: raw lake to CSV",
    memory_mb: 1769,
    timeout: Timeout::Batch,
    calls: Calls::Queue { others: 0 },
    dashboard: Some(dashboard::TRANSFORM_ROW),
};

/// CSV to warehouse. The reconciler's schedule calls it beside the queue.
pub static LOAD: FunctionSpec = FunctionSpec {
    name: "load",
    ids: ids!("Load"),
    description: "Riverhouse: CSV to warehouse",
    memory_mb: 512,
    timeout: Timeout::Batch,
    calls: Calls::Queue { others: 1 },
    dashboard: Some(dashboard::LOAD_ROW),
};

/// The shop's reads.
pub static QUERY: FunctionSpec = FunctionSpec {
    name: "query",
    ids: ids!("Query"),
    description: "Riverhouse: an invoice, or a customer's invoices",
    memory_mb: 512,
    timeout: Timeout::Api,
    calls: Calls::Request,
    dashboard: None,
};

impl FunctionSpec {
    /// The function of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.into_iter().find(|function| function.name == name)
    }

    /// All names, for a message.
    pub(crate) fn names() -> String {
        FUNCTIONS.map(|function| function.name).join(", ")
    }
}

impl fmt::Display for FunctionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
