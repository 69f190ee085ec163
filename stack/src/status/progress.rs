//! Progress for `stream --wait`. It is cheaper than the full status, because it is read every second.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;

use super::inspection::Inspection;
use super::problem::{ProblemKind, command_env};
use super::{StageName, Status, gather};
use crate::deploy::DeployError;
use crate::object;
use crate::rejects::{Stage, places};
use crate::session::Session;
use crate::stream::Run;
use crate::stream::wait::{Fault, Flow, Look, Progress, ProgressError, Stages};

impl Progress for Session {
    async fn loaded(&self, run: &Run) -> Result<u64, ProgressError> {
        let loaded = self.warehouse().loaded(run.prefix(), run.last_row()).await;
        Ok(loaded?)
    }

    async fn rejected(&self, run: &Run) -> Result<u64, ProgressError> {
        let s3 = self.s3();
        let mut rows = BTreeSet::new();
        // Events that the API rejected were not accepted, so the wait does not include them.
        let places = places(&self.outputs.buckets).into_iter();
        for place in places.filter(|place| place.stage != Stage::Ingest) {
            collect(&s3, &place.bucket, place.prefix, run, &mut rows).await?;
        }
        Ok(rows.len() as u64)
    }

    async fn look(&self) -> Look {
        // Boxed, because the future is large and would be part of every future that awaits it.
        let status = Box::pin(gather(&Inspection::of(self))).await;
        Look {
            stages: stages(&status),
            faults: faults(&status),
        }
    }
}

fn stages(status: &Status) -> Stages {
    let flow = |name, what: &str| {
        let stage = status.stages.iter().find(|stage| stage.name == name);
        stage.map_or_else(Flow::default, |stage| Flow {
            done: stage.counts.get(what).copied().unwrap_or_default(),
            waiting: stage.backlog.unwrap_or_default(),
        })
    };
    let stream = flow(StageName::Stream, "");
    Stages {
        stream: Flow::default(),
        store: Flow {
            waiting: stream.waiting,
            ..flow(StageName::Store, "raw_objects")
        },
        transform: flow(StageName::Transform, "staged_files"),
        load: flow(StageName::Load, "last_load_rows"),
    }
}

/// Returns processes that do not run or respond, broken resources, and files in quarantine.
fn faults(status: &Status) -> Vec<Fault> {
    let broken = [
        ProblemKind::Ended,
        ProblemKind::Silent,
        ProblemKind::Resource,
    ];
    let problems = status.problems.iter();
    let problems = problems
        .filter(|problem| broken.contains(&problem.kind))
        .map(|problem| Fault {
            stage: problem.stage.clone(),
            reason: problem.reason.clone(),
            next: problem.next.clone(),
        });
    let quarantined = status.set_aside.iter().map(|file| Fault {
        stage: StageName::Load.as_str().to_owned(),
        reason: format!("{} is in quarantine: {}", file.file, file.reason),
        next: command_env("rejects --stage load", &status.environment),
    });
    problems.chain(quarantined).collect()
}

/// Maximum number of reject objects that are read per stage.
const REJECT_OBJECTS: usize = 200;

/// Adds the rows of `run` that the rejects below `prefix` contain.
async fn collect(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    run: &Run,
    rows: &mut BTreeSet<u64>,
) -> Result<(), DeployError> {
    for object in object::list(s3, bucket, prefix, REJECT_OBJECTS).await? {
        if let Some(key) = object.key() {
            run.collect_rows(&object::get(s3, bucket, key).await?, rows);
        }
    }
    Ok(())
}
