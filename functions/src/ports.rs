//! Ports: one trait for each external ability, so that a signature shows what a function may do.
//!
//! [`crate::aws`] implements them with the AWS SDK, [`crate::memory`] in memory for tests.

use std::time::Duration;

use events::{CustomerId, InvoiceNo};
use time::OffsetDateTime;

use crate::items::{CustomerItem, InvoiceItem, Item};
use crate::metrics::Metric;

/// An AWS call that failed after the SDK's own retries.
///
/// Displays as `dynamodb BatchWriteItem on table riverhouse-dev-invoice: AccessDeniedException: …`: the action, the
/// resource and the cause. It is for logs and operators, never for clients of the API.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{service} {action} on {resource}: {code}: {message}")]
pub struct CallError {
    /// Name of the service in IAM, such as `dynamodb`.
    pub service: &'static str,
    /// Name of the action in IAM, such as `BatchWriteItem`.
    pub action: &'static str,
    /// The resource, such as `table riverhouse-dev-invoice`.
    pub resource: String,
    /// The service's error code, or the kind of connection failure.
    pub code: String,
    /// The service's error message.
    pub message: String,
}

/// A record to put on the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamRecord {
    /// The invoice number. Records of one partition key keep their order.
    pub partition_key: String,
    /// The envelope as JSON.
    pub data: Vec<u8>,
}

/// A record that the stream rejected although it accepted others of the same call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Position of the record in the call, from 0.
    pub position: usize,
    /// The service's error code, such as `ProvisionedThroughputExceededException`.
    pub code: String,
}

/// Puts records on the stream.
pub trait PutRecords {
    /// Puts at most 500 records, 5 MiB in total, and returns the rejected ones.
    ///
    /// Not idempotent: a record that is put twice is on the stream twice.
    fn put_records(
        &self,
        records: &[&StreamRecord],
    ) -> impl Future<Output = Result<Vec<Refusal>, CallError>> + Send;
}

/// Writes items to the tables.
pub trait WriteItems {
    /// Puts at most 25 items with distinct keys and returns the unprocessed ones.
    ///
    /// Idempotent: an item replaces the one with the same key.
    fn write_items(
        &self,
        items: Vec<Item>,
    ) -> impl Future<Output = Result<Vec<Item>, CallError>> + Send;
}

/// Items of one partition key, in the order of their sort key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// At most 1 MB of items.
    pub items: Vec<T>,
    /// Sort key after which the next page starts; `None` on the last page.
    pub after: Option<String>,
}

/// Reads the envelopes of an invoice.
pub trait ReadInvoice {
    /// Returns the page of table `invoice` whose sort keys are greater than `after`.
    fn invoice_page(
        &self,
        invoice_no: &InvoiceNo,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<InvoiceItem>, CallError>> + Send;
}

/// Reads the invoices of a customer.
pub trait ReadCustomer {
    /// Returns the page of table `customer` whose sort keys are greater than `after`.
    fn customer_page(
        &self,
        customer: &CustomerId,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<CustomerItem>, CallError>> + Send;
}

/// Result of a put that does not overwrite.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Put {
    /// The object was created.
    Created,
    /// An object with this key exists. It has the same content, because the key determines the content.
    AlreadyThere,
}

/// Writes an object unless it exists.
pub trait PutIfAbsent {
    /// Puts `body` at `key` unless an object is there. Idempotent.
    fn put_if_absent(
        &self,
        key: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Put, CallError>> + Send;
}

pub trait PutObject {
    /// Puts `body` at `key` and replaces an existing object. Idempotent.
    fn put_object(
        &self,
        key: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

pub trait GetObject {
    /// Returns all bytes of an object. An object larger than [`MAX_OBJECT_BYTES`] is an error, so that it cannot
    /// exhaust the memory.
    fn get_object(
        &self,
        bucket: &str,
        key: &str,
    ) -> impl Future<Output = Result<Vec<u8>, CallError>> + Send;
}

/// The largest object that [`GetObject`] reads: 80 MiB. The largest objects are staged files, which are closed after
/// 64 MiB. Objects of `store` have at most a tenth of that, because Lambda passes it at most [6 MB] in a batch.
///
/// [6 MB]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
pub const MAX_OBJECT_BYTES: u64 = 80 * 1024 * 1024;

/// Returns the current time and sleeps.
pub trait Clock {
    /// Returns the current time in UTC.
    fn now(&self) -> OffsetDateTime;

    /// Sleeps for a random part of `at_most`, so that concurrent callers do not all retry at the same moment.
    fn pause(&self, at_most: Duration) -> impl Future<Output = ()> + Send;
}

/// Emits metrics.
pub trait Count {
    /// Emits the metrics of one invocation.
    fn count(&self, metrics: &[Metric]);
}
