//! What the functions need of the world: one trait per ability, so that a signature says what a function may do.
//!
//! [`crate::aws`] is the real side of each, [`crate::memory`] its twin for tests.

use std::time::Duration;

use events::{CustomerId, InvoiceNo};
use time::OffsetDateTime;

use crate::items::{CustomerItem, InvoiceItem, Item};
use crate::metrics::Metric;

/// Why a call to a service failed, after the SDK's own retries.
///
/// Prints as `dynamodb BatchWriteItem on table riverhouse-dev-invoice: AccessDeniedException: …`: what was
/// being done, to what, and why not. It goes to the log and to operators, never to a client of the API.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{service} {action} on {resource}: {code}: {message}")]
pub struct CallError {
    /// As IAM calls the service, such as `dynamodb`.
    pub service: &'static str,
    /// As IAM calls the action, such as `BatchWriteItem`.
    pub action: &'static str,
    /// What it was done to, such as `table riverhouse-dev-invoice`.
    pub resource: String,
    /// The service's word for the cause, or what happened to the connection.
    pub code: String,
    /// The service's sentence on it.
    pub message: String,
}

/// One record for the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamRecord {
    /// Records of one key keep their order: the invoice's number.
    pub partition_key: String,
    /// The envelope.
    pub data: Vec<u8>,
}

/// A record that the stream did not take while it took others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Its position in the call.
    pub position: usize,
    /// The service's word for the cause, such as `ProvisionedThroughputExceededException`.
    pub code: String,
}

/// Puts records on the stream.
pub trait PutRecords {
    /// Puts at most 500 records of 5 MiB in all and answers which were refused.
    ///
    /// The same record put twice is on the stream twice.
    fn put_records(
        &self,
        records: &[&StreamRecord],
    ) -> impl Future<Output = Result<Vec<Refusal>, CallError>> + Send;
}

/// Writes items into the tables.
pub trait WriteItems {
    /// Puts at most 25 items of different keys and answers those that were not processed.
    ///
    /// An item of the same key is replaced: the same put twice is one item.
    fn write_items(
        &self,
        items: Vec<Item>,
    ) -> impl Future<Output = Result<Vec<Item>, CallError>> + Send;
}

/// Items of one key, in the order of their sort key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// At most 1 MB of items.
    pub items: Vec<T>,
    /// Where the next page starts; `None` when this was the last.
    pub after: Option<String>,
}

/// Reads the envelopes of an invoice.
pub trait ReadInvoice {
    /// The page of `invoice` whose sort keys are greater than `after`.
    fn invoice_page(
        &self,
        invoice_no: &InvoiceNo,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<InvoiceItem>, CallError>> + Send;
}

/// Reads the invoices of a customer.
pub trait ReadCustomer {
    /// The page of `customer` whose sort keys are greater than `after`.
    fn customer_page(
        &self,
        customer: &CustomerId,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<CustomerItem>, CallError>> + Send;
}

/// What became of a put that must not overwrite.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Put {
    /// The object is new.
    Created,
    /// One of that key was there: the same content, as the key says what is inside.
    AlreadyThere,
}

/// Writes an object once.
pub trait PutIfAbsent {
    /// Puts `body` at `key` unless an object is there. The same put twice changes nothing.
    fn put_if_absent(
        &self,
        key: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Put, CallError>> + Send;
}

/// Writes an object.
pub trait PutObject {
    /// Puts `body` at `key`, over what was there. The same put twice changes nothing.
    fn put_object(
        &self,
        key: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

/// Reads an object.
pub trait GetObject {
    /// All bytes of an object of at most [`MAX_OBJECT_BYTES`]; a larger one is an error, not memory.
    fn get_object(
        &self,
        bucket: &str,
        key: &str,
    ) -> impl Future<Output = Result<Vec<u8>, CallError>> + Send;
}

/// The largest object that [`GetObject`] reads: a staged file, which is closed once it has 64 MiB. What `store` writes
/// is a tenth of that, since Lambda brings it at most [6 MB] in one batch.
///
/// [6 MB]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
pub const MAX_OBJECT_BYTES: u64 = 80 * 1024 * 1024;

/// Tells the time and lets it pass.
pub trait Clock {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;

    /// Waits for a random part of `at_most`, so that many who wait do not come back at once.
    fn pause(&self, at_most: Duration) -> impl Future<Output = ()> + Send;
}

/// Counts what happened.
pub trait Count {
    /// Counts one invocation's figures.
    fn count(&self, metrics: &[Metric]);
}
