//! The Lambda functions of the platform: one table.
//!
//! Resources, alarms, reserved concurrency, zips, logs and `status` iterate over [`FUNCTIONS`]. Permissions and settings
//! of a function refer to other resources, so they are in its stage's file in `platform/`, with its dashboard row.

use std::fmt;

/// Maximum response time of API Gateway, in seconds.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const API_TIMEOUT_SECONDS: u16 = 29;
/// Minimum concurrency that AWS accepts for the event source mapping of a queue.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
pub(crate) const QUEUE_CALLS: u16 = 2;

/// All functions.
pub static FUNCTIONS: [&FunctionSpec; 5] = [&INGEST, &STORE, &TRANSFORM, &LOAD, &QUERY];

/// Properties of a function that are the same in every environment.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct FunctionSpec {
    /// Name of the binary, and last part of the function's name.
    pub name: &'static str,
    pub ids: Ids,
    pub(crate) description: &'static str,
    pub(crate) memory_mb: u16,
    pub(crate) timeout: Timeout,
    pub(crate) calls: Calls,
    /// Default of the concurrency to reserve, in environments that reserve some.
    pub(crate) reserved: u16,
    /// Functions that read what this one writes. CloudFormation updates them first, so that a new format always has
    /// readers that understand it.
    pub(crate) readers: &'static [&'static Self],
    /// Starts of the logical ids of its stage's resources that do not start with its prefix.
    pub(crate) others: &'static [&'static str],
}

/// Logical ids. They are permanent: changing one replaces the resource.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Ids {
    /// Start of the logical ids of everything that belongs to the function's stage, such as its queues.
    pub prefix: &'static str,
    pub function: &'static str,
    pub role: &'static str,
    pub policy: &'static str,
    pub logs: &'static str,
    pub errors_alarm: &'static str,
    pub throttles_alarm: &'static str,
    /// Parameter for the key of its zip in the assets bucket.
    pub code_key: &'static str,
}

/// Logical ids that start with the function's name in `CamelCase`.
macro_rules! ids {
    ($name:literal) => {
        Ids {
            prefix: $name,
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

/// Timeout of an invocation.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timeout {
    /// The timeout of API Gateway.
    Api,
    /// The batch timeout of the environment, for functions on a stream or a queue.
    Batch,
}

impl Timeout {
    /// Returns the timeout in seconds. `batch_seconds` is the batch timeout of the environment.
    pub(crate) const fn seconds(self, batch_seconds: u16) -> u16 {
        match self {
            Self::Api => API_TIMEOUT_SECONDS,
            Self::Batch => batch_seconds,
        }
    }
}

/// What invokes a function, which determines the minimum of its concurrency.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Calls {
    /// One invocation per request.
    Request,
    /// One invocation per shard of the stream.
    Shard,
    /// Invocations by the event source mapping of a queue, and `others` in addition.
    Queue { others: u16 },
}

impl Calls {
    /// Returns the minimum concurrency to reserve, for a stream with `shards` shards.
    pub(crate) const fn least(self, shards: u16) -> u16 {
        match self {
            Self::Request => 1,
            Self::Shard => shards,
            Self::Queue { others } => QUEUE_CALLS + others,
        }
    }
}

/// From HTTP to the stream.
pub static INGEST: FunctionSpec = FunctionSpec {
    name: "ingest",
    ids: ids!("Ingest"),
    description: "Riverhouse: events to stream",
    memory_mb: 512,
    timeout: Timeout::Api,
    calls: Calls::Request,
    reserved: 200,
    readers: &[&STORE],
    others: &["Api"],
};

/// From the stream to the tables and the raw lake.
pub static STORE: FunctionSpec = FunctionSpec {
    name: "store",
    ids: ids!("Store"),
    description: "Riverhouse: envelopes to tables and raw lake",
    memory_mb: 1024,
    timeout: Timeout::Batch,
    calls: Calls::Shard,
    reserved: 100,
    readers: &[&TRANSFORM, &QUERY],
    others: &["RawBucket", "CustomerTable", "InvoiceTable"],
};

/// From the raw lake to CSV.
pub static TRANSFORM: FunctionSpec = FunctionSpec {
    name: "transform",
    ids: ids!("Transform"),
    description: "Riverhouse: raw lake to CSV",
    memory_mb: 1769,
    timeout: Timeout::Batch,
    calls: Calls::Queue { others: 0 },
    reserved: 4,
    readers: &[&LOAD],
    others: &["StagingBucket"],
};

/// From CSV to the warehouse. Invoked by its queue and by its schedules.
pub static LOAD: FunctionSpec = FunctionSpec {
    name: "load",
    ids: ids!("Load"),
    description: "Riverhouse: CSV to warehouse",
    memory_mb: 512,
    timeout: Timeout::Batch,
    calls: Calls::Queue { others: 1 },
    reserved: 4,
    readers: &[],
    others: &["Reconcile", "Check"],
};

/// The shop's read API.
pub static QUERY: FunctionSpec = FunctionSpec {
    name: "query",
    ids: ids!("Query"),
    description: "Riverhouse: an invoice, or a customer's invoices",
    memory_mb: 512,
    timeout: Timeout::Api,
    calls: Calls::Request,
    reserved: 200,
    readers: &[],
    others: &[],
};

impl FunctionSpec {
    /// Returns the function with this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.into_iter().find(|function| function.name == name)
    }

    /// Returns all names, separated by commas, for a message.
    pub(crate) fn names() -> String {
        FUNCTIONS.map(|function| function.name).join(", ")
    }
}

impl fmt::Display for FunctionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
