//! Reads the progress of one run for `stream --wait`: its events, and problems that may prevent it from finishing.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use time::OffsetDateTime;

use super::inspection::Inspection;
use super::problem::{Problem, ProblemKind, command};
use super::{StageName, Status, gather};
use crate::load::{holds_ids, quarantined_since};
use crate::object;
use crate::rejects::{Stage, locations};
use crate::session::Session;
use crate::wait::{Flow, Obstacle, Progress, ProgressError, Run, Stages, State};

/// How long a restarted process may take.
const RESTART: Duration = Duration::from_secs(10);

/// How long a wait continues without progress while a stage is behind or fails.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Time limit for reading all rejects.
const LIMIT: Duration = Duration::from_secs(5);

/// The largest expected difference between the clocks of this machine and of S3.
const SKEW: time::Duration = time::Duration::seconds(5);

impl Progress for Session {
    async fn loaded(&self, run: &Run) -> Result<u64, ProgressError> {
        let prefix = run.prefix.as_ref();
        let last = run.last.map(|last| run.prefix.id(last));
        Ok(self.warehouse().loaded(prefix, last.as_deref()).await?)
    }

    async fn state(&self, run: &Run) -> State {
        let rejects = tokio::time::timeout(LIMIT, rejects(self, run));
        let inspection = Inspection::of(self);
        let (rejects, status) = tokio::join!(rejects, Box::pin(gather(&inspection)));
        let (rejected, mut obstacles) = match rejects {
            Ok(Ok((rejected, quarantined))) => (Some(rejected), Vec::from_iter(quarantined)),
            Ok(Err(_)) | Err(_) => (None, Vec::new()),
        };
        obstacles.extend(status.problems.iter().filter_map(obstacle));
        State {
            rejected,
            stages: stages(&status),
            obstacles,
        }
    }

    async fn stages(&self) -> Stages {
        stages(&Box::pin(gather(&Inspection::of(self))).await).unwrap_or_default()
    }
}

/// Returns the counts of the stages; `None` if one is unknown.
fn stages(status: &Status) -> Option<Stages> {
    let flow = |name, what: &str| {
        let stage = status.stages.iter().find(|stage| stage.name == name);
        stage.map_or_else(Flow::default, |stage| Flow {
            done: stage.counts.get(what).copied().unwrap_or_default(),
            waiting: stage.backlog.unwrap_or_default(),
        })
    };
    let is_unknown = |name: StageName| {
        let unknown = status.unknown.iter();
        let mut unknown = unknown.filter(|it| it.stage == name.as_str());
        unknown.any(|it| ["counts", "backlog"].contains(&it.what.as_str()))
    };
    let names = [
        StageName::Stream,
        StageName::Store,
        StageName::Transform,
        StageName::Load,
    ];
    if names.into_iter().any(is_unknown) {
        return None;
    }
    let stream = flow(StageName::Stream, "");
    Some(Stages {
        stream: Flow::default(),
        store: Flow {
            waiting: stream.waiting,
            ..flow(StageName::Store, "raw_objects")
        },
        transform: flow(StageName::Transform, "staged_files"),
        load: flow(StageName::Load, "last_load_rows"),
    })
}

/// Converts a problem that may prevent a run from finishing; `None` if it does not concern accepted events.
fn obstacle(problem: &Problem) -> Option<Obstacle> {
    let passes_events = ["stream", "store", "transform", "load"].contains(&problem.stage.as_str());
    let grace = match problem.kind {
        ProblemKind::Ended if problem.stage == "supervisor" => Duration::ZERO,
        ProblemKind::Ended | ProblemKind::Silent => RESTART,
        ProblemKind::Resource if passes_events => RESTART,
        ProblemKind::Behind | ProblemKind::Failing | ProblemKind::DeadLetters if passes_events => {
            STALL_TIMEOUT
        }
        _ => return None,
    };
    Some(Obstacle {
        reason: problem.reason.clone(),
        next: problem.next.clone(),
        grace,
    })
}

/// Maximum number of reject objects that are read per stage.
const REJECT_OBJECTS: usize = 200;

/// Returns the number of events of the run that a stage after the API rejected, and a file in quarantine with events of
/// the run, if there is one.
async fn rejects(session: &Session, run: &Run) -> Result<(u64, Option<Obstacle>), CallFailure> {
    let s3 = session.s3();
    let since = run.since - SKEW;
    let mut numbers = BTreeSet::new();
    // Events that the API rejected were not accepted, so the wait is not for them.
    let locations = locations(&session.outputs.buckets).into_iter();
    for location in locations.filter(|location| location.stage != Stage::Ingest) {
        for key in newest(&s3, &location.bucket, location.prefix, since).await? {
            let bytes = object::get(&s3, &location.bucket, &key).await?;
            numbers.extend(numbers_of(&bytes, run));
        }
    }
    let staging = &session.outputs.buckets.staging;
    for file in quarantined_since(&s3, staging, since).await? {
        if holds_ids(&s3, staging, &file.file, run.prefix.as_ref()).await? {
            let name = session.environment.name.to_string();
            let obstacle = Obstacle {
                reason: format!(
                    "file {} with events of this run is in quarantine: {}",
                    file.file, file.reason
                ),
                next: command("rejects --stage load", &name),
                grace: Duration::ZERO,
            };
            return Ok((numbers.len() as u64, Some(obstacle)));
        }
    }
    Ok((numbers.len() as u64, None))
}

/// Returns the keys of the objects that were written after `since`.
async fn newest(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    since: OffsetDateTime,
) -> Result<Vec<String>, CallFailure> {
    let objects = object::list(s3, bucket, prefix, usize::MAX).await?;
    let is_new = |object: &aws_sdk_s3::types::Object| {
        let modified = object.last_modified();
        modified.is_none_or(|at| at.as_nanos() >= since.unix_timestamp_nanos())
    };
    let new = objects.into_iter().filter(is_new);
    Ok(new
        .filter_map(|object| object.key)
        .take(REJECT_OBJECTS)
        .collect())
}

/// Returns the row numbers of the run's events that a reject object names.
fn numbers_of(bytes: &[u8], run: &Run) -> BTreeSet<u64> {
    let text = String::from_utf8_lossy(bytes);
    let start = format!("{}-", run.prefix.as_ref());
    let number = |rest: &str| {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse::<u64>().ok()
    };
    let named = text.split(&start).skip(1).filter_map(number);
    named
        .filter(|number| run.last.is_none_or(|last| *number <= last))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use producer::Prefix;

    fn problem(stage: &str, kind: ProblemKind) -> Problem {
        Problem {
            stage: stage.to_owned(),
            kind,
            reason: "why".to_owned(),
            since: None,
            next: "`stack start`".to_owned(),
        }
    }

    #[test]
    fn a_dead_supervisor_ends_a_wait_at_once_and_what_may_recover_later() {
        let grace = |stage, kind| obstacle(&problem(stage, kind)).map(|it| it.grace);
        let ended = ProblemKind::Ended;
        assert_eq!(grace("supervisor", ended), Some(Duration::ZERO));
        assert_eq!(grace("warehouse", ended), Some(RESTART));
        assert_eq!(grace("warehouse", ProblemKind::Silent), Some(RESTART));
        assert_eq!(grace("load", ProblemKind::Resource), Some(RESTART));
        assert_eq!(grace("load", ProblemKind::Failing), Some(STALL_TIMEOUT));
        assert_eq!(grace("query", ProblemKind::Failing), None);
        assert_eq!(grace("store", ProblemKind::Rejects), None);
    }

    #[test]
    fn rejected_events_of_the_run_count_once_and_those_of_other_runs_not_at_all() {
        let run = Run {
            prefix: Prefix::new(&[7; 32]),
            last: Some(500),
            since: OffsetDateTime::UNIX_EPOCH,
        };
        let text =
            br#"{"event_id":"0707070707070707-0000003","record":"0707070707070707-0000003,x"}
            {"event_id":"0707070707070707-0000007"} {"event_id":"0707070707070707-0000501"}
            {"event_id":"0808080808080808-0000001"} "0707070707070707-""#;
        assert_eq!(numbers_of(text, &run), [3, 7].into());
        let all = Run { last: None, ..run };
        assert_eq!(numbers_of(text, &all), [3, 7, 501].into());
    }
}
