//! Runs a replay.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use cloudformation::CallFailure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::json;

use super::Range;
use super::envelopes::{MAX_BYTES, parts};
use super::events::{failed, notifications};
use super::finished_groups::{self, FinishedGroups};
use super::plan::{Group, Object, groups};
use crate::function::{FunctionSpec, STORE, TRANSFORM};
use crate::invoke::{InvokeError, invoke_with};
use crate::load::{self, LoadError, Loaded, objects};
use crate::object;
use crate::platform::Names;
use crate::session::Session;

/// Maximum number of concurrent calls of a function.
const CALLS: usize = 4;
/// Maximum number of objects that are prefetched for a call of `store`.
const PREFETCH: usize = 8;
/// Maximum number of attempts of a call that is throttled or fails to connect.
const ATTEMPTS: u32 = 6;
/// Maximum number of load attempts. The queue may be loading the same files.
const LOADS: usize = 5;
/// Pause between load attempts.
const PAUSE: Duration = Duration::from_secs(2);

/// What a replay will process.
#[derive(Clone, Debug)]
pub struct Plan {
    groups: Vec<Group>,
    /// Number of objects of the raw lake.
    pub objects: usize,
    /// Number of calls of each function.
    pub calls: usize,
}

/// Result of a replay.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Replayed {
    /// Number of objects of the raw lake in the range.
    pub objects: usize,
    /// Number of objects that an earlier, interrupted run of the same replay staged.
    pub staged_before: usize,
    /// Keys of objects that `transform` could not stage.
    pub failed: BTreeSet<String>,
    /// Number of lake lines whose items were put into the tables.
    pub lines_to_tables: u64,
    /// Result of loading the staged files.
    pub loaded: Option<Loaded>,
}

/// Why a replay stopped. The same command resumes it.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A call to an AWS service failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// A function could not be called, or failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The staged files could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Lists the raw objects of `range`, in groups.
///
/// # Errors
///
/// When the bucket cannot be listed.
pub async fn plan(session: &Session, range: Range) -> Result<Plan, ReplayError> {
    let bucket = &session.outputs.buckets.raw;
    let found = object::list(&session.s3(), bucket, "raw/v1/", usize::MAX).await?;
    let objects = found.into_iter().filter_map(|object| {
        let etag = object.e_tag.unwrap_or_default();
        Some(Object {
            etag: etag.trim_matches('"').to_owned(),
            key: object.key?,
        })
    });
    let groups = groups(objects, range);
    Ok(Plan {
        objects: groups.iter().map(|group| group.objects.len()).sum(),
        calls: groups.len(),
        groups,
    })
}

/// Stages the objects of `plan`, puts their items into the tables if `tables`, and loads the staged files. Calls
/// `progress` with the number of finished calls.
///
/// Idempotent: staged files are put only if absent, items have the same keys, and the ledger knows the loaded files.
/// An interrupted replay resumes after its finished groups.
///
/// # Errors
///
/// When a service cannot be called or a function fails. Finished work is kept.
pub async fn run(
    session: &Session,
    plan: &Plan,
    tables: bool,
    mut progress: impl FnMut(u64),
) -> Result<Replayed, ReplayError> {
    let mut replayed = Replayed {
        objects: plan.objects,
        ..Replayed::default()
    };
    let mut calls = 0;
    let mut step = || {
        calls += 1;
        progress(calls);
    };
    stage(session, plan, &mut replayed, &mut step).await?;
    if tables {
        fill_tables(session, plan, &mut replayed, &mut step).await?;
    }
    replayed.loaded = Some(load_all(session).await?);
    let (s3, staging) = (session.s3(), &session.outputs.buckets.staging);
    let keys = plan.groups.iter().flat_map(|group| &group.objects);
    let keys = keys.map(|object| object.key.clone());
    let staged = keys.filter(|key| !replayed.failed.contains(key)).collect();
    load::forget(&s3, staging, &staged).await?;
    finished_groups::clear(&s3, staging).await?;
    Ok(replayed)
}

async fn stage(
    session: &Session,
    plan: &Plan,
    replayed: &mut Replayed,
    step: &mut impl FnMut(),
) -> Result<(), ReplayError> {
    let (s3, buckets) = (session.s3(), &session.outputs.buckets);
    let code = code(session, &TRANSFORM).await?;
    let done = FinishedGroups::read(&s3, &buckets.staging, ["transform", &code]).await?;
    let calls = plan.groups.iter().map(|group| {
        let (done, raw) = (&done, &buckets.raw);
        async move {
            if done.has(group) {
                return Ok::<_, ReplayError>((group.objects.len(), BTreeSet::new()));
            }
            let event = notifications(raw, group);
            let answer = invoke_with(session, &TRANSFORM, &event, retries()).await?;
            let failed = failed(group, &answer);
            if failed.is_empty() {
                done.mark(group).await?;
            }
            Ok((0, failed))
        }
    });
    let mut calls = stream::iter(calls).buffer_unordered(CALLS);
    while let Some((before, failed)) = calls.try_next().await? {
        replayed.staged_before += before;
        replayed.failed.extend(failed);
        step();
    }
    Ok(())
}

async fn fill_tables(
    session: &Session,
    plan: &Plan,
    replayed: &mut Replayed,
    step: &mut impl FnMut(),
) -> Result<(), ReplayError> {
    let (s3, buckets) = (session.s3(), &session.outputs.buckets);
    let code = code(session, &STORE).await?;
    let done = FinishedGroups::read(&s3, &buckets.staging, ["store", &code]).await?;
    // Groups run one after the other; the calls of one group run concurrently.
    for group in &plan.groups {
        if !done.has(group) {
            replayed.lines_to_tables += fill(session, group).await?;
            done.mark(group).await?;
        }
        step();
    }
    Ok(())
}

/// Puts the items of the group's lines, and returns the number of lines. Idempotent.
async fn fill(session: &Session, group: &Group) -> Result<u64, ReplayError> {
    let (s3, raw) = (session.s3(), &session.outputs.buckets.raw);
    let fetched = group.objects.iter().map(|object| {
        let s3 = &s3;
        async move { object::get(s3, raw, &object.key).await }
    });
    let fetched: Vec<_> = stream::iter(fetched)
        .buffered(PREFETCH)
        .try_collect()
        .await?;
    // `transform` has reported damaged objects as failed.
    let texts: Vec<_> = fetched
        .iter()
        .filter_map(|bytes| objects::unzip(bytes))
        .collect();
    let parts = parts(&texts, MAX_BYTES);
    let lines: usize = parts.iter().map(Vec::len).sum();
    let calls = parts.into_iter().map(|lines| async move {
        let event = json!({ "replay": lines });
        invoke_with(session, &STORE, &event, retries()).await
    });
    let mut calls = stream::iter(calls).buffer_unordered(CALLS);
    while calls.try_next().await?.is_some() {}
    Ok(lines as u64)
}

/// Loads the staged files. Retries while another loader still holds some of them.
async fn load_all(session: &Session) -> Result<Loaded, ReplayError> {
    let mut loaded = load::load(session, false).await?;
    for _ in 1..LOADS {
        if loaded.left.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        let more = load::load(session, false).await?;
        loaded = Loaded {
            known: loaded.known,
            loaded: loaded.loaded + more.loaded,
            ..more
        };
    }
    Ok(loaded)
}

/// Returns the hash of the function's code.
async fn code(session: &Session, function: &FunctionSpec) -> Result<String, CallFailure> {
    let name = Names::of(&session.environment).function(function);
    let found = aws_sdk_lambda::Client::new(session.sdk())
        .get_function_configuration()
        .function_name(&name)
        .send()
        .await
        .map_err(CallFailure::of(format!(
            "lambda GetFunctionConfiguration of `{name}`"
        )))?;
    Ok(found.code_sha256.unwrap_or_default())
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}
