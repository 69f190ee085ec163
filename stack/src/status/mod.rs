//! How every stage of an environment stands: counts, backlog, lag, rejects, last error. Never scans a table.

mod lake;
mod logs;
mod progress;
mod queue;
mod report;
mod stream;
mod warehouse;

pub use report::{LastError, LastLoad, Stage, StageName, Status};

use std::collections::BTreeMap;

use ::functions::load::REJECTS;
use time::OffsetDateTime;

use crate::deploy::{DeployError, outputs_of};
use crate::load::{SetAside, set_aside, still_there};
use crate::platform::{FunctionName, Names, StackKind};
use crate::session::Session;

/// How many waiting records are counted in a shard: a longer queue shows in its age.
const MOST_RECORDS: i32 = 1000;

/// How many of the files that were set aside are named: the newest.
const MOST_SET_ASIDE: usize = 10;

/// Asks everything at once.
///
/// # Errors
///
/// When a service cannot be asked at all; a process that does not answer is part of the report.
pub async fn gather(session: &Session) -> Result<Status, DeployError> {
    let queues = queues(session).await?;
    let depth = |name: &str| queue::depth(session.sdk(), queues.get(name).map(String::as_str));
    let (raw, staging) = (
        &session.outputs.buckets.raw,
        &session.outputs.buckets.staging,
    );
    let s3 = session.s3();
    let (objects, files, stream, transform, transform_dead, load, load_dead, rejects) = tokio::try_join!(
        lake::recent(&s3, raw, "raw/v1/"),
        lake::recent(&s3, staging, "csv/v1/"),
        stream::backlog(session.sdk(), &s3, &session.outputs, MOST_RECORDS),
        depth("TransformQueueUrl"),
        depth("TransformDeadQueueUrl"),
        depth("LoadQueueUrl"),
        depth("LoadDeadQueueUrl"),
        refused(&s3, raw, staging),
    )?;
    let ledger = session.warehouse();
    let warehouse = warehouse::ask(&ledger).await;
    let set_aside = warehouse::without_loaded(&ledger, rejects.files).await;
    let mut errors = last_errors(session).await?;
    let mut error = |function| errors.remove(&function);
    let now = OffsetDateTime::now_utc();
    let stages = vec![
        Stage::new(StageName::Ingest).with_error(error(FunctionName::Ingest)),
        Stage::new(StageName::Stream).waiting(stream.records, stream.oldest, now),
        Stage::new(StageName::Store)
            .counting("raw_objects", objects.count)
            .counting("raw_bytes", objects.bytes)
            .rejecting(rejects.of_store)
            .with_error(error(FunctionName::Store)),
        Stage::new(StageName::Transform)
            .counting("staged_files", files.count)
            .counting("staged_bytes", files.bytes)
            .counting("dead_letters", transform_dead)
            .waiting(transform, files.newest, now)
            .rejecting(rejects.of_transform)
            .with_error(error(FunctionName::Transform)),
        warehouse
            .stage()
            .counting("dead_letters", load_dead)
            .waiting(load, warehouse.last_finished(), now)
            .rejecting(rejects.of_load)
            .with_error(error(FunctionName::Load)),
        Stage::new(StageName::Query).with_error(error(FunctionName::Query)),
    ];
    let processes = match session.machine() {
        Some(machine) => machine.health().await,
        None => Vec::new(),
    };
    Ok(Status::new(
        &session.outputs,
        processes,
        stages,
        warehouse.last_load(),
        set_aside,
    ))
}

/// What stages refused.
struct Refused {
    of_store: u64,
    of_transform: u64,
    of_load: u64,
    files: Vec<SetAside>,
}

async fn refused(
    s3: &aws_sdk_s3::Client,
    raw: &str,
    staging: &str,
) -> Result<Refused, DeployError> {
    let (of_store, of_transform, of_load, files) = tokio::try_join!(
        lake::rejects(s3, raw, "rejects/", |_| true),
        lake::rejects(s3, staging, "rejects/transform/", |_| true),
        lake::rejects(s3, staging, REJECTS, |_| true),
        set_aside(s3, staging, MOST_SET_ASIDE),
    )?;
    Ok(Refused {
        of_store,
        of_transform,
        of_load,
        files: still_there(s3, staging, files).await?,
    })
}

/// The queues' addresses, from the lake that owns them.
async fn queues(session: &Session) -> Result<BTreeMap<String, String>, DeployError> {
    let cloudformation = aws_sdk_cloudformation::Client::new(session.sdk());
    let stack = Names::of(&session.environment).stack(StackKind::Lake);
    Ok(outputs_of(&cloudformation, stack.as_ref())
        .await?
        .unwrap_or_default())
}

/// The newest error of each function's log.
async fn last_errors(session: &Session) -> Result<BTreeMap<FunctionName, LastError>, DeployError> {
    let names = Names::of(&session.environment);
    let client = aws_sdk_cloudwatchlogs::Client::new(session.sdk());
    let mut errors = BTreeMap::new();
    for function in FunctionName::ALL {
        if let Some(error) = logs::last_error(&client, &names.log_group(function)).await? {
            errors.insert(function, error);
        }
    }
    Ok(errors)
}
