//! The replay itself.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::json;

use super::done::{self, Done};
use super::envelopes::{MOST_BYTES, parts};
use super::events::{announced, failed};
use super::plan::{Group, Object, groups};
use super::{Range, ReplayError};
use crate::deploy::DeployError;
use crate::function::{FunctionSpec, STORE, TRANSFORM};
use crate::invoke::invoke_with;
use crate::load::{self, Loaded, objects};
use crate::object;
use crate::platform::Names;
use crate::session::Session;

/// Calls of a function at once.
const CALLS: usize = 4;
/// Objects fetched ahead for a call of `store`.
const AHEAD: usize = 8;
/// How often a call that is throttled or does not arrive is made.
const ATTEMPTS: u32 = 6;
/// How often what is left is loaded again: the queue may be loading the same files.
const LOADS: usize = 5;
/// Between two of them.
const PAUSE: Duration = Duration::from_secs(2);

/// What a replay will do.
#[derive(Clone, Debug)]
pub struct Plan {
    groups: Vec<Group>,
    /// Objects of the raw lake.
    pub objects: usize,
    /// Calls of each function.
    pub calls: usize,
}

/// What a replay did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Replayed {
    /// Objects of the raw lake in the range.
    pub objects: usize,
    /// Those that an earlier run of the same replay, which was cut off, had staged.
    pub staged_before: usize,
    /// Those that `transform` could not stage: they are in no staged file.
    pub failed: BTreeSet<String>,
    /// Lines of the lake whose items were put into the tables.
    pub lines_to_tables: u64,
    /// What became of the staged files.
    pub loaded: Option<Loaded>,
}

/// Lists the raw objects of `range`.
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

/// Stages the objects of `plan`, with `tables` puts their items into the tables, and loads what is staged. `told` hears
/// how many calls are done.
///
/// Run again it changes nothing: staged files are put only if absent, items are put under the same keys, and the
/// ledger knows what is loaded. One that was cut off goes on behind the groups that it had done.
///
/// # Errors
///
/// When a service cannot be asked or a function fails; what was done stays.
pub async fn run(
    session: &Session,
    plan: &Plan,
    tables: bool,
    mut told: impl FnMut(u64),
) -> Result<Replayed, ReplayError> {
    let mut replayed = Replayed {
        objects: plan.objects,
        ..Replayed::default()
    };
    let mut calls = 0;
    let mut step = || {
        calls += 1;
        told(calls);
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
    done::clear(&s3, staging).await?;
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
    let done = Done::read(&s3, &buckets.staging, ["transform", &code]).await?;
    let calls = plan.groups.iter().map(|group| {
        let (done, raw) = (&done, &buckets.raw);
        async move {
            if done.has(group) {
                return Ok::<_, ReplayError>((group.objects.len(), BTreeSet::new()));
            }
            let event = announced(raw, group);
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
    let done = Done::read(&s3, &buckets.staging, ["store", &code]).await?;
    // One group after the other: the calls for one are made side by side.
    for group in &plan.groups {
        if !done.has(group) {
            replayed.lines_to_tables += fill(session, group).await?;
            done.mark(group).await?;
        }
        step();
    }
    Ok(())
}

/// Puts the items of the group's lines; returns how many lines. Put again, they are the same items.
async fn fill(session: &Session, group: &Group) -> Result<u64, ReplayError> {
    let (s3, raw) = (session.s3(), &session.outputs.buckets.raw);
    let fetched = group.objects.iter().map(|object| {
        let s3 = &s3;
        async move { object::get(s3, raw, &object.key).await }
    });
    let fetched: Vec<_> = stream::iter(fetched).buffered(AHEAD).try_collect().await?;
    // What is no whole gzip `transform` has named as failed.
    let texts: Vec<_> = fetched
        .iter()
        .filter_map(|bytes| objects::unzip(bytes))
        .collect();
    let parts = parts(&texts, MOST_BYTES);
    let lines: usize = parts.iter().map(Vec::len).sum();
    let calls = parts.into_iter().map(|lines| async move {
        let event = json!({ "replay": lines });
        invoke_with(session, &STORE, &event, retries()).await
    });
    let mut calls = stream::iter(calls).buffer_unordered(CALLS);
    while calls.try_next().await?.is_some() {}
    Ok(lines as u64)
}

/// Loads what is staged, again while another loader still has some of it.
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

/// The hash of the function's code.
async fn code(session: &Session, function: &FunctionSpec) -> Result<String, DeployError> {
    let name = Names::of(&session.environment).function(function);
    let found = aws_sdk_lambda::Client::new(session.sdk())
        .get_function_configuration()
        .function_name(&name)
        .send()
        .await
        .map_err(DeployError::call(format!(
            "lambda GetFunctionConfiguration of `{name}`"
        )))?;
    Ok(found.code_sha256.unwrap_or_default())
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}
