//! In-memory implementations of the ports for tests. They can be told to fail, and use small pages on purpose.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::{CustomerId, InvoiceNo};
use time::OffsetDateTime;

use crate::items::{CustomerItem, InvoiceItem, Item, Key};
use crate::metrics::{Metric, Value};
use crate::ports::{
    CallError, Clock, Count, GetObject, Page, Put, PutIfAbsent, PutObject, PutRecords,
    ReadCustomer, ReadInvoice, Refusal, StreamRecord, WriteItems,
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the error of IAM for a denied call.
#[must_use]
pub fn denied(service: &'static str, action: &'static str, resource: &str) -> CallError {
    CallError {
        service,
        action,
        resource: resource.to_owned(),
        code: "AccessDeniedException".to_owned(),
        message: format!("not authorized to perform {service}:{action}"),
    }
}

/// The behaviour of a [`Stream`] in one call.
#[derive(Clone, Debug)]
pub enum StreamTurn {
    /// Rejects the records at these positions as throttled and accepts the others.
    Throttle(Vec<usize>),
    /// Fails the whole call.
    Fail(CallError),
}

/// A stream that accepts all records after its configured turns.
#[derive(Debug, Default)]
pub struct Stream {
    taken: Mutex<Vec<StreamRecord>>,
    calls: Mutex<Vec<usize>>,
    turns: Mutex<VecDeque<StreamTurn>>,
}

impl Stream {
    /// Creates a stream that uses one of `turns` for each of its first calls.
    #[must_use]
    pub fn with_turns(turns: impl IntoIterator<Item = StreamTurn>) -> Self {
        Self {
            turns: Mutex::new(turns.into_iter().collect()),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn records(&self) -> Vec<StreamRecord> {
        lock(&self.taken).clone()
    }

    /// Returns the number of records of each call.
    #[must_use]
    pub fn calls(&self) -> Vec<usize> {
        lock(&self.calls).clone()
    }
}

impl PutRecords for Stream {
    async fn put_records(&self, records: &[&StreamRecord]) -> Result<Vec<Refusal>, CallError> {
        lock(&self.calls).push(records.len());
        let throttled = match lock(&self.turns).pop_front() {
            Some(StreamTurn::Fail(error)) => return Err(error),
            Some(StreamTurn::Throttle(positions)) => positions,
            None => Vec::new(),
        };
        let mut refusals = Vec::new();
        for (position, record) in records.iter().enumerate() {
            if throttled.contains(&position) {
                let code = "ProvisionedThroughputExceededException".to_owned();
                refusals.push(Refusal { position, code });
            } else {
                lock(&self.taken).push((*record).clone());
            }
        }
        Ok(refusals)
    }
}

/// The two tables. Reads return one item per page, so that every reader has to page.
#[derive(Debug, Default)]
pub struct Tables {
    items: Mutex<BTreeMap<Key, Item>>,
    calls: Mutex<Vec<usize>>,
    unprocessed: Mutex<usize>,
    deny: Mutex<Option<String>>,
}

impl Tables {
    /// Leaves the last item of each of the next `calls` writes unprocessed.
    pub fn leave_unprocessed(&self, calls: usize) {
        *lock(&self.unprocessed) = calls;
    }

    /// Denies every write with an item of partition key `partition`, until [`Tables::allow`].
    pub fn deny(&self, partition: &str) {
        *lock(&self.deny) = Some(partition.to_owned());
    }

    /// Ends the effect of [`Tables::deny`].
    pub fn allow(&self) {
        *lock(&self.deny) = None;
    }

    /// Returns every item in the order of the keys.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        lock(&self.items).values().cloned().collect()
    }

    /// Returns the number of items of each write.
    #[must_use]
    pub fn calls(&self) -> Vec<usize> {
        lock(&self.calls).clone()
    }

    fn page(&self, of_customer: bool, partition: &str, after: Option<&str>) -> Option<(Key, Item)> {
        let items = lock(&self.items);
        let mut keys = items.iter().filter(|(key, _)| {
            key.of_customer == of_customer
                && key.partition == partition
                && after.is_none_or(|after| key.sort.as_str() > after)
        });
        keys.next().map(|(key, item)| (key.clone(), item.clone()))
    }
}

impl WriteItems for Tables {
    async fn write_items(&self, mut items: Vec<Item>) -> Result<Vec<Item>, CallError> {
        lock(&self.calls).push(items.len());
        if let Some(partition) = lock(&self.deny).as_deref()
            && items.iter().any(|item| item.key().partition == partition)
        {
            return Err(denied(
                "dynamodb",
                "BatchWriteItem",
                "table riverhouse-test-invoice",
            ));
        }
        let mut left = lock(&self.unprocessed);
        let unprocessed = if *left > 0 {
            items.split_off(items.len() - 1)
        } else {
            Vec::new()
        };
        *left = left.saturating_sub(1);
        lock(&self.items).extend(items.into_iter().map(|item| (item.key(), item)));
        Ok(unprocessed)
    }
}

impl ReadInvoice for Tables {
    async fn invoice_page(
        &self,
        invoice_no: &InvoiceNo,
        after: Option<&str>,
    ) -> Result<Page<InvoiceItem>, CallError> {
        Ok(match self.page(false, invoice_no.as_ref(), after) {
            Some((key, Item::Invoice(item))) => Page {
                items: vec![item],
                after: Some(key.sort),
            },
            _ => Page {
                items: Vec::new(),
                after: None,
            },
        })
    }
}

impl ReadCustomer for Tables {
    async fn customer_page(
        &self,
        customer: &CustomerId,
        after: Option<&str>,
    ) -> Result<Page<CustomerItem>, CallError> {
        Ok(match self.page(true, customer.as_ref(), after) {
            Some((key, Item::Customer(item))) => Page {
                items: vec![item],
                after: Some(key.sort),
            },
            _ => Page {
                items: Vec::new(),
                after: None,
            },
        })
    }
}

/// Objects of one bucket. If a port names a bucket, its name is ignored.
#[derive(Debug, Default)]
pub struct Objects {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    failing: Mutex<Vec<String>>,
}

impl Objects {
    /// Fails every call on keys that start with `prefix`, until [`Objects::mend`].
    pub fn fail(&self, prefix: &str) {
        lock(&self.failing).push(prefix.to_owned());
    }

    /// Ends the effect of [`Objects::fail`].
    pub fn mend(&self) {
        lock(&self.failing).clear();
    }

    /// Returns the keys that start with `prefix`.
    #[must_use]
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let objects = lock(&self.objects);
        objects
            .keys()
            .filter(|key| key.starts_with(prefix))
            .cloned()
            .collect()
    }

    #[must_use]
    pub fn object(&self, key: &str) -> Option<Vec<u8>> {
        lock(&self.objects).get(key).cloned()
    }

    /// Inserts an object; never fails.
    pub fn insert(&self, key: &str, body: Vec<u8>) {
        lock(&self.objects).insert(key.to_owned(), body);
    }

    fn check(&self, action: &'static str, key: &str) -> Result<(), CallError> {
        if lock(&self.failing)
            .iter()
            .any(|prefix| key.starts_with(prefix))
        {
            return Err(denied("s3", action, &format!("object {key}")));
        }
        Ok(())
    }
}

impl PutIfAbsent for Objects {
    async fn put_if_absent(&self, key: &str, body: Vec<u8>) -> Result<Put, CallError> {
        self.check("PutObject", key)?;
        if self.object(key).is_some() {
            return Ok(Put::AlreadyThere);
        }
        self.insert(key, body);
        Ok(Put::Created)
    }
}

impl PutObject for Objects {
    async fn put_object(&self, key: &str, body: Vec<u8>) -> Result<(), CallError> {
        self.check("PutObject", key)?;
        self.insert(key, body);
        Ok(())
    }
}

impl GetObject for Objects {
    async fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, CallError> {
        self.check("GetObject", key)?;
        self.object(key).ok_or_else(|| CallError {
            code: "NoSuchKey".to_owned(),
            message: "the specified key does not exist".to_owned(),
            ..denied("s3", "GetObject", &format!("object {bucket}/{key}"))
        })
    }
}

/// A clock that is moved only by a pause, by the whole `at_most`.
#[derive(Debug)]
pub struct StoppedClock {
    now: Mutex<OffsetDateTime>,
    pauses: Mutex<Vec<Duration>>,
}

impl StoppedClock {
    #[must_use]
    pub fn at(now: OffsetDateTime) -> Self {
        Self {
            now: Mutex::new(now),
            pauses: Mutex::default(),
        }
    }

    /// Returns all pauses so far.
    #[must_use]
    pub fn pauses(&self) -> Vec<Duration> {
        lock(&self.pauses).clone()
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> OffsetDateTime {
        *lock(&self.now)
    }

    async fn pause(&self, at_most: Duration) {
        lock(&self.pauses).push(at_most);
        *lock(&self.now) += at_most;
    }
}

/// Keeps the values of metrics by name.
#[derive(Debug, Default)]
pub struct Counter(Mutex<BTreeMap<&'static str, Vec<u64>>>);

impl Counter {
    /// Returns the sum of the metric `name`; 0 if it was never emitted.
    #[must_use]
    pub fn of(&self, name: &str) -> u64 {
        self.values(name).into_iter().sum()
    }

    /// Returns all values of the metric `name` in the order in which they were emitted.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<u64> {
        lock(&self.0).get(name).cloned().unwrap_or_default()
    }
}

impl Count for Counter {
    fn count(&self, metrics: &[Metric]) {
        for metric in metrics {
            let mut all = lock(&self.0);
            let values = all.entry(metric.name).or_default();
            match &metric.value {
                Value::One(value) => values.push(*value),
                Value::Several(several) => values.extend(several),
            }
        }
    }
}
