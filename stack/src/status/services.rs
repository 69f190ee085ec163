//! Reads the services of the stages: buckets, queues, the stream, rejects and logs.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sqs::types::QueueAttributeName;
use aws_types::SdkConfig;
use time::Duration;

use super::inspection::Inspection;
use super::lake::{self, Recent};
use super::logs;
use super::problem::Answer;
use super::rate::Newest;
use super::report::{LastError, StageName};
use super::stage::Observation;
use super::stream;
use super::waiting::Waiting;
use super::warehouse::{self, Responses as WarehouseResponses};
use crate::function::{FunctionSpec, INGEST, LOAD, QUERY, STORE, TRANSFORM};
use crate::load::{QuarantinedFile, newest_quarantined, refused_files};
use crate::outputs::Buckets;
use crate::rejects::{self, OpenCount};
use cloudformation::CallFailure;

/// Maximum number of waiting records counted per shard. A longer backlog shows in its lag.
const MAX_RECORDS: i32 = 1000;

/// Maximum number of quarantined files that are listed, newest first.
const MAX_QUARANTINED: usize = 10;

/// Responses of the services of the stages.
pub(super) struct Responses {
    raw: Answer<Recent>,
    staged: Answer<Recent>,
    stream: Answer<Waiting>,
    depths: BTreeMap<&'static str, Answer<u64>>,
    open: Answer<BTreeMap<rejects::Stage, OpenCount>>,
    pub(super) quarantined: Answer<Vec<QuarantinedFile>>,
    /// Staged files of which the warehouse rejected some or all rows.
    refused: Answer<BTreeSet<String>>,
    errors: BTreeMap<&'static FunctionSpec, Answer<Option<LastError>>>,
}

/// Stack outputs that hold the URLs of the queues whose depth is read.
const QUEUES: [&str; 4] = [
    "TransformQueueUrl",
    "TransformDeadQueueUrl",
    "LoadQueueUrl",
    "LoadDeadQueueUrl",
];

/// Names of the stages' resources, each with the reason when it is unknown.
struct Locations {
    raw: Answer<String>,
    staging: Answer<String>,
    logs: Answer<String>,
    stream: Answer<String>,
    queues: [(&'static str, Answer<String>); QUEUES.len()],
}

impl Locations {
    fn new(outputs: &Answer<BTreeMap<String, String>>) -> Self {
        let output = |name| output(outputs, name);
        Self {
            raw: output("RawBucketName"),
            staging: output("StagingBucketName"),
            logs: output("LogsBucketName"),
            stream: output("StreamName"),
            queues: QUEUES.map(|name| (name, output(name))),
        }
    }
}

/// Returns the stack output `name`, or why it is unknown.
pub(super) fn output(outputs: &Answer<BTreeMap<String, String>>, name: &str) -> Answer<String> {
    let outputs = outputs.as_ref().map_err(Clone::clone)?;
    let missing = || format!("no stack has the output `{name}`");
    outputs.get(name).cloned().ok_or_else(missing)
}

pub(super) async fn read(
    inspection: &Inspection,
    outputs: &Answer<BTreeMap<String, String>>,
) -> Responses {
    let locations = Locations::new(outputs);
    let s3 = inspection.clients.s3();
    let of_staged = async {
        let bucket = locations.staging.as_ref().map_err(Clone::clone)?;
        let prefix = events::row::staged_prefix();
        inspection.ask(lake::recent(&s3, bucket, &prefix)).await
    };
    let of_rejects = async {
        let buckets = Buckets {
            raw: locations.raw.clone()?,
            staging: locations.staging.clone()?,
            logs: locations.logs.clone()?,
        };
        inspection.ask(rejects::open_counts(&s3, &buckets)).await
    };
    let of_quarantine = async {
        let bucket = locations.staging.as_ref().map_err(Clone::clone)?;
        let files = newest_quarantined(&s3, bucket, MAX_QUARANTINED);
        inspection.ask(files).await
    };
    let of_refused = async {
        let bucket = locations.staging.as_ref().map_err(Clone::clone)?;
        inspection.ask(refused_files(&s3, bucket)).await
    };
    let ((raw, stream), staged, open, quarantined, refused, depths, errors) = tokio::join!(
        ask_stream(inspection, &locations),
        of_staged,
        of_rejects,
        of_quarantine,
        of_refused,
        ask_queues(inspection, &locations),
        logs::last_errors(inspection)
    );
    Responses {
        raw,
        staged,
        stream,
        depths,
        open,
        quarantined,
        refused,
        errors,
    }
}

/// Reads the recent objects of the raw lake, and the records of the stream that are not there yet.
async fn ask_stream(
    inspection: &Inspection,
    locations: &Locations,
) -> (Answer<Recent>, Answer<Waiting>) {
    let s3 = inspection.clients.s3();
    let of_raw = async {
        let bucket = locations.raw.as_ref().map_err(Clone::clone)?;
        inspection.ask(lake::recent(&s3, bucket, "raw/v1/")).await
    };
    let items = of_raw.await;
    let backlog = match (&items, &locations.stream, &locations.raw) {
        (Ok(items), Ok(stream), Ok(bucket)) => {
            let asked = stream::backlog(inspection, stream, bucket, items, MAX_RECORDS);
            inspection.ask(asked).await
        }
        (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => Err(reason.clone()),
    };
    (items, backlog)
}

/// Reads the number of messages in each queue.
async fn ask_queues(
    inspection: &Inspection,
    locations: &Locations,
) -> BTreeMap<&'static str, Answer<u64>> {
    let queues = locations.queues.iter().map(|(name, url)| async move {
        let depth = match url {
            Ok(url) => {
                let depth = depth(inspection.clients.sdk(), url);
                inspection.ask(depth).await
            }
            Err(reason) => Err(reason.clone()),
        };
        (*name, depth)
    });
    let depths = futures_util::future::join_all(queues).await;
    depths.into_iter().collect()
}

impl Responses {
    /// Returns the newest objects with their buckets.
    pub(super) fn newest(self, outputs: &Answer<BTreeMap<String, String>>) -> Newest {
        let of = |bucket, objects: Answer<Recent>| {
            let bucket = output(outputs, bucket).ok()?;
            Some((bucket, objects.ok()?.items))
        };
        Newest {
            raw: of("RawBucketName", self.raw),
            staged: of("StagingBucketName", self.staged),
        }
    }

    fn depth(&self, name: &str) -> Answer<u64> {
        let depth = self.depths.get(name).cloned();
        depth.unwrap_or_else(|| Err("the queue was not read".to_owned()))
    }

    /// Returns the backlog of a queue whose messages announce the newest of `objects`.
    fn waiting(&self, queue: &str, objects: &Answer<Recent>) -> Answer<Waiting> {
        let count = self.depth(queue)?;
        let objects = objects.as_ref().map_err(Clone::clone)?;
        let oldest = objects.oldest_of_newest(count);
        Ok(Waiting { count, oldest })
    }

    /// Returns the backlog of `load`: messages of its queue, and loads or files that are `open`.
    fn waiting_for_load(&self, open: Answer<Waiting>) -> Answer<Waiting> {
        let queue = self.waiting("LoadQueueUrl", &self.staged)?;
        let open = open?;
        Ok(queue.or_older(open))
    }

    /// Returns the files that were staged since the last load and are in no load; no message announces them either.
    pub(super) async fn in_no_load(
        &self,
        warehouse: &Answer<::warehouse::Warehouse>,
        ledger: &warehouse::Ledger,
    ) -> Answer<Waiting> {
        match (&self.staged, &self.refused, ledger, warehouse) {
            (Ok(staged), Ok(refused), warehouse::Ledger::Known(_), Ok(warehouse)) => {
                let files = staged.since(ledger.last_finished(), refused);
                warehouse::in_no_load(warehouse, &files).await
            }
            _ => Ok(Waiting::default()),
        }
    }

    fn open(&self, stage: rejects::Stage) -> Answer<OpenCount> {
        let open = self.open.as_ref().map_err(Clone::clone)?;
        Ok(open.get(&stage).copied().unwrap_or_default())
    }

    fn counts(
        objects: &Answer<Recent>,
        names: [&'static str; 2],
    ) -> Answer<Vec<(&'static str, u64)>> {
        let objects = objects.as_ref().map_err(Clone::clone)?;
        Ok(vec![
            (names[0], objects.count()),
            (names[1], objects.bytes()),
        ])
    }

    /// Returns what is known of each stage, in the order in which an event passes them.
    pub(super) fn observations(
        &self,
        inspection: &Inspection,
        warehouse: &WarehouseResponses,
        open: Answer<Waiting>,
    ) -> Vec<Observation> {
        let windows = inspection.environment.windows;
        let margin = inspection.environment.margin();
        let blank = |name, function: Option<&'static FunctionSpec>, window: u16| Observation {
            name,
            counts: Ok(Vec::new()),
            waiting: None,
            allowed_delay: Duration::seconds(window.into()) + margin,
            dead_letters: None,
            open: None,
            error: function.and_then(|function| self.errors.get(&function).cloned()),
            done: None,
        };
        let newest = |objects: &Answer<Recent>| objects.as_ref().ok().and_then(Recent::newest);
        vec![
            Observation {
                open: Some(self.open(rejects::Stage::Ingest)),
                ..blank(StageName::Ingest, Some(&INGEST), 0)
            },
            Observation {
                waiting: Some(self.stream.clone()),
                ..blank(StageName::Stream, None, windows.store)
            },
            Observation {
                counts: Self::counts(&self.raw, ["raw_objects", "raw_bytes"]),
                open: Some(self.open(rejects::Stage::Store)),
                done: newest(&self.raw),
                ..blank(StageName::Store, Some(&STORE), windows.store)
            },
            Observation {
                counts: Self::counts(&self.staged, ["staged_files", "staged_bytes"]),
                waiting: Some(self.waiting("TransformQueueUrl", &self.raw)),
                dead_letters: Some(self.depth("TransformDeadQueueUrl")),
                open: Some(self.open(rejects::Stage::Transform)),
                done: newest(&self.staged),
                ..blank(StageName::Transform, Some(&TRANSFORM), windows.transform)
            },
            Observation {
                counts: warehouse.ledger.counts(),
                waiting: Some(self.waiting_for_load(open)),
                dead_letters: Some(self.depth("LoadDeadQueueUrl")),
                open: Some(self.open(rejects::Stage::Load)),
                done: warehouse.ledger.last_finished(),
                ..blank(StageName::Load, Some(&LOAD), windows.load)
            },
            blank(StageName::Query, Some(&QUERY), 0),
        ]
    }
}

/// Returns the number of messages that wait or are in flight.
async fn depth(sdk: &SdkConfig, url: &str) -> Result<u64, CallFailure> {
    let wanted = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    let found = aws_sdk_sqs::Client::new(sdk)
        .get_queue_attributes()
        .queue_url(url)
        .set_attribute_names(Some(wanted.to_vec()))
        .send()
        .await
        .map_err(CallFailure::of(format!("sqs GetQueueAttributes of {url}")))?;
    let count = |name| found.attributes()?.get(name)?.parse::<u64>().ok();
    Ok(wanted.iter().filter_map(count).sum())
}
