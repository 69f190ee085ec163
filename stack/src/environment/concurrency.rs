//! How many calls of a function may run at once.

/// How many calls of a queue's function AWS lets run at once at least.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
pub const QUEUE_CALLS: u16 = 2;

/// How the account's concurrency, 1,000 calls as a rule, is shared out among functions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// Each takes what is left. The only way in a fresh account, whose quota is 10.
    Unreserved,
    /// Each has its own, which no other can take and which it cannot exceed.
    Reserved(Reserved),
}

/// Calls at once, kept for each function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reserved {
    /// A request each.
    pub ingest: u16,
    /// A shard of the stream each.
    pub store: u16,
    /// [`QUEUE_CALLS`] at least.
    pub transform: u16,
    /// [`QUEUE_CALLS`] and the reconciler at least.
    pub load: u16,
    /// A request each.
    pub query: u16,
}
