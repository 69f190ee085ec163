//! Health of every stage of an environment: counts, backlog, lag, rejects, errors and problems. Never scans a table.
//! `process`, `resource` and `stage` judge and are pure; the other files read.

mod describe;
mod inspection;
mod lake;
mod logs;
mod open_loads;
mod problem;
mod process;
mod progress;
mod queue;
mod rate;
mod report;
mod resource;
mod stacks;
mod stage;
mod stream;
mod unstaged;
mod warehouse;

pub use inspection::Inspection;
pub use problem::{Problem, ProblemKind, Unknown};
pub use rate::{Meter, Newest};
pub use report::{LastError, LastLoad, Stage, StageName, Status};

use std::collections::{BTreeMap, BTreeSet};

use local::Health;
use time::{Duration, OffsetDateTime};

use self::lake::Recent;
use self::problem::Answer;
use self::stacks::Stacks;
use self::stage::{Seen, Waiting};
use self::warehouse::Asked;
use crate::function::{FunctionSpec, INGEST, LOAD, QUERY, STORE, TRANSFORM};
use crate::load::{QuarantinedFile, newest_quarantined, refused_files};
use crate::outputs::Buckets;
use crate::rejects::{self, OpenCount};

/// Maximum number of waiting records counted per shard. A longer backlog shows in its lag.
const MOST_RECORDS: i32 = 1000;

/// Maximum number of quarantined files that are listed, newest first.
const MOST_QUARANTINED: usize = 10;

/// Reads everything concurrently, each part with a time limit. What does not answer is reported as unknown.
pub async fn gather(inspection: &Inspection) -> Status {
    let (mut processes, emulator, stacks) = tokio::join!(
        health(inspection),
        caller(inspection),
        stacks::read(inspection)
    );
    let warehouse = inspection.warehouse(&stacks.outputs);
    let Stacks {
        outputs,
        resources,
        mut problems,
    } = stacks;
    let table = output(&outputs, "LoadTableName");
    let (asked, resources, stages, unstaged) = tokio::join!(
        warehouse::ask(&warehouse, inspection.limit),
        described(inspection, resources),
        ask_stages(inspection, &outputs),
        unstaged::ask(inspection, &outputs),
    );
    for process in &mut processes {
        match process.process {
            "emulator" => process::signed(process, &emulator),
            "data api" => process::signed(process, &asked.data_api),
            "warehouse" => process::signed(process, &asked.select),
            _ => {}
        }
    }
    problems.splice(0..0, process::judge(&processes, &inspection.name));
    let (resources, mut unknown) = resources;
    problems.extend(resources);
    let now = OffsetDateTime::now_utc();
    let quarantined = quarantine(&warehouse, stages.quarantined.clone()).await;
    let (open, left) = tokio::join!(
        open_loads::ask(inspection, &asked.ledger, &table),
        stages.in_no_load(&warehouse, &asked.ledger)
    );
    let open = open.and_then(|open| Ok(open.or_older(left?)));
    let seen = stages.seen(inspection, &asked, open);
    let (shown, more, not_known) = stage::judge(&seen, now, &inspection.name);
    problems.extend(more);
    problems.extend(unstaged);
    unknown.extend(not_known);
    Status {
        environment: inspection.environment.name.to_string(),
        target: if inspection.machine.is_some() {
            "local".to_owned()
        } else {
            "aws".to_owned()
        },
        at: now,
        healthy: problems.is_empty() && unknown.is_empty(),
        problems,
        unknown,
        processes,
        stages: shown,
        last_load: asked.ledger.last_load(),
        quarantined,
        newest: stages.newest(&outputs),
    }
}

/// Returns the processes of a local environment; on AWS, the warehouse and its Data API.
async fn health(inspection: &Inspection) -> Vec<Health> {
    if let Some(machine) = &inspection.machine {
        return machine.health().await;
    }
    ["warehouse", "data api"]
        .map(|process| Health {
            process,
            pid: None,
            healthy: true,
            detail: None,
            since: None,
        })
        .into()
}

/// Makes a signed call: STS `GetCallerIdentity`.
async fn caller(inspection: &Inspection) -> Answer<()> {
    let sts = aws_sdk_sts::Client::new(inspection.clients.sdk());
    let call = sts.get_caller_identity().send();
    inspection.ask(call).await.map(drop)
}

/// Returns the problems of the resources, and the resources whose state is unknown.
async fn described(
    inspection: &Inspection,
    resources: Answer<Vec<resource::Resource>>,
) -> (Vec<Problem>, Vec<Unknown>) {
    match resources {
        Ok(resources) => {
            let described = describe::all(inspection, resources).await;
            resource::judge(&described, &inspection.name)
        }
        Err(reason) => {
            let unknown = Unknown {
                stage: "deploy".to_owned(),
                what: "resources of the stacks".to_owned(),
                reason,
            };
            (Vec::new(), vec![unknown])
        }
    }
}

/// Returns the files that the ledger does not contain, or all files when the ledger cannot be read.
async fn quarantine(
    warehouse: &Answer<::warehouse::Warehouse>,
    files: Answer<Vec<QuarantinedFile>>,
) -> Vec<QuarantinedFile> {
    match (warehouse, files.unwrap_or_default()) {
        (Ok(warehouse), files) => warehouse::without_loaded(warehouse, files).await,
        (Err(_), files) => files,
    }
}

/// Responses of the services of the stages.
struct Stages {
    raw: Answer<Recent>,
    staged: Answer<Recent>,
    stream: Answer<Waiting>,
    depths: BTreeMap<&'static str, Answer<u64>>,
    open: Answer<BTreeMap<rejects::Stage, OpenCount>>,
    quarantined: Answer<Vec<QuarantinedFile>>,
    /// Staged files of which rows, or all, were refused.
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
struct Homes {
    raw: Answer<String>,
    staging: Answer<String>,
    logs: Answer<String>,
    stream: Answer<String>,
    queues: [(&'static str, Answer<String>); QUEUES.len()],
}

impl Homes {
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

/// The output of that name, or why it is not known.
fn output(outputs: &Answer<BTreeMap<String, String>>, name: &str) -> Answer<String> {
    let outputs = outputs.as_ref().map_err(Clone::clone)?;
    let missing = || format!("no stack has the output `{name}`");
    outputs.get(name).cloned().ok_or_else(missing)
}

async fn ask_stages(inspection: &Inspection, outputs: &Answer<BTreeMap<String, String>>) -> Stages {
    let homes = Homes::new(outputs);
    let s3 = inspection.clients.s3();
    let of_staged = async {
        let bucket = homes.staging.as_ref().map_err(Clone::clone)?;
        let prefix = events::row::staged_prefix();
        inspection.ask(lake::recent(&s3, bucket, &prefix)).await
    };
    let of_rejects = async {
        let buckets = Buckets {
            raw: homes.raw.clone()?,
            staging: homes.staging.clone()?,
            logs: homes.logs.clone()?,
        };
        inspection.ask(rejects::open_counts(&s3, &buckets)).await
    };
    let of_aside = async {
        let bucket = homes.staging.as_ref().map_err(Clone::clone)?;
        let files = newest_quarantined(&s3, bucket, MOST_QUARANTINED);
        inspection.ask(files).await
    };
    let of_refused = async {
        let bucket = homes.staging.as_ref().map_err(Clone::clone)?;
        inspection.ask(refused_files(&s3, bucket)).await
    };
    let of_queues = homes.queues.each_ref().map(|(name, url)| async move {
        let url = url.as_ref().map_err(Clone::clone);
        let depth = match url {
            Ok(url) => {
                let depth = queue::depth(inspection.clients.sdk(), url);
                inspection.ask(depth).await
            }
            Err(reason) => Err(reason),
        };
        (*name, depth)
    });
    let ((raw, stream), staged, open, quarantined, refused, depths, errors) = tokio::join!(
        ask_stream(inspection, &homes),
        of_staged,
        of_rejects,
        of_aside,
        of_refused,
        futures_util::future::join_all(of_queues),
        logs::last_errors(inspection)
    );
    Stages {
        raw,
        staged,
        stream,
        depths: depths.into_iter().collect(),
        open,
        quarantined,
        refused,
        errors,
    }
}

/// Reads the recent objects of the raw lake, and the records of the stream that are not there yet.
async fn ask_stream(inspection: &Inspection, homes: &Homes) -> (Answer<Recent>, Answer<Waiting>) {
    let s3 = inspection.clients.s3();
    let of_raw = async {
        let bucket = homes.raw.as_ref().map_err(Clone::clone)?;
        inspection.ask(lake::recent(&s3, bucket, "raw/v1/")).await
    };
    let items = of_raw.await;
    let backlog = match (&items, &homes.stream, &homes.raw) {
        (Ok(items), Ok(stream), Ok(bucket)) => {
            let asked = stream::backlog(inspection, stream, bucket, items, MOST_RECORDS);
            inspection.ask(asked).await
        }
        (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => Err(reason.clone()),
    };
    (items, backlog)
}

impl Stages {
    /// The newest objects with their buckets.
    fn newest(self, outputs: &Answer<BTreeMap<String, String>>) -> Newest {
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
        depth.unwrap_or_else(|| Err("it was not asked".to_owned()))
    }

    /// Returns the backlog of a queue whose messages announce the newest of `objects`.
    fn waiting(&self, queue: &str, objects: &Answer<Recent>) -> Answer<Waiting> {
        let count = self.depth(queue)?;
        let objects = objects.as_ref().map_err(Clone::clone)?;
        let oldest = objects.oldest_of_newest(count);
        Ok(Waiting { count, oldest })
    }

    /// What waits for `load`: messages of its queue, and loads or files that are `open`.
    fn waiting_for_load(&self, open: Answer<Waiting>) -> Answer<Waiting> {
        let queue = self.waiting("LoadQueueUrl", &self.staged)?;
        let open = open?;
        Ok(queue.or_older(open))
    }

    /// What no load and no message announces: files that were staged since the last load and are in none.
    async fn in_no_load(
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
    fn seen(&self, inspection: &Inspection, asked: &Asked, open: Answer<Waiting>) -> Vec<Seen> {
        let windows = inspection.environment.windows;
        let margin = inspection.environment.margin();
        let blank = |name, function: Option<&'static FunctionSpec>, window: u16| Seen {
            name,
            counts: Ok(Vec::new()),
            waiting: None,
            patience: Duration::seconds(window.into()) + margin,
            dead_letters: None,
            open: None,
            error: function.and_then(|function| self.errors.get(&function).cloned()),
            done: None,
        };
        let newest = |objects: &Answer<Recent>| objects.as_ref().ok().and_then(Recent::newest);
        vec![
            Seen {
                open: Some(self.open(rejects::Stage::Ingest)),
                ..blank(StageName::Ingest, Some(&INGEST), 0)
            },
            Seen {
                waiting: Some(self.stream.clone()),
                ..blank(StageName::Stream, None, windows.store)
            },
            Seen {
                counts: Self::counts(&self.raw, ["raw_objects", "raw_bytes"]),
                open: Some(self.open(rejects::Stage::Store)),
                done: newest(&self.raw),
                ..blank(StageName::Store, Some(&STORE), windows.store)
            },
            Seen {
                counts: Self::counts(&self.staged, ["staged_files", "staged_bytes"]),
                waiting: Some(self.waiting("TransformQueueUrl", &self.raw)),
                dead_letters: Some(self.depth("TransformDeadQueueUrl")),
                open: Some(self.open(rejects::Stage::Transform)),
                done: newest(&self.staged),
                ..blank(StageName::Transform, Some(&TRANSFORM), windows.transform)
            },
            Seen {
                counts: asked.ledger.counts(),
                waiting: Some(self.waiting_for_load(open)),
                dead_letters: Some(self.depth("LoadDeadQueueUrl")),
                open: Some(self.open(rejects::Stage::Load)),
                done: asked.ledger.last_finished(),
                ..blank(StageName::Load, Some(&LOAD), windows.load)
            },
            blank(StageName::Query, Some(&QUERY), 0),
        ]
    }
}
