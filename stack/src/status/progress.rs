//! What `stream --wait` watches: a lighter look than the whole status, since it looks every second.

use aws_sdk_s3::Client;

use super::inspection::Inspection;
use super::{StageName, gather};
use crate::deploy::DeployError;
use crate::object;
use crate::rejects::{Stage, places};
use crate::session::Session;
use crate::stream::wait::{Flow, Progress, ProgressError, Stages};

impl Progress for Session {
    async fn loaded(&self, prefix: &str) -> Result<u64, ProgressError> {
        Ok(self.warehouse().loaded(prefix).await?)
    }

    async fn rejected(&self, prefix: &str) -> Result<u64, ProgressError> {
        let s3 = self.s3();
        let mut count = 0;
        // What the API refused was not accepted, so nobody waits for it.
        let places = places(&self.outputs.buckets).into_iter();
        for place in places.filter(|place| place.stage != Stage::Ingest) {
            count += lines(&s3, &place.bucket, place.prefix, prefix).await?;
        }
        Ok(count)
    }

    async fn stages(&self) -> Result<Stages, ProgressError> {
        let status = gather(&Inspection::of(self)).await;
        let flow = |name, what: &str| {
            let stage = status.stages.iter().find(|stage| stage.name == name);
            stage.map_or_else(Flow::default, |stage| Flow {
                done: stage.counts.get(what).copied().unwrap_or_default(),
                waiting: stage.backlog.unwrap_or_default(),
            })
        };
        let stream = flow(StageName::Stream, "");
        Ok(Stages {
            stream: Flow::default(),
            store: Flow {
                waiting: stream.waiting,
                ..flow(StageName::Store, "raw_objects")
            },
            transform: flow(StageName::Transform, "staged_files"),
            load: flow(StageName::Load, "last_load_rows"),
        })
    }
}

/// How many reject objects are read to count the lines of a run.
const REJECT_OBJECTS: usize = 200;

/// How many reject lines below a prefix hold `run`.
async fn lines(s3: &Client, bucket: &str, prefix: &str, run: &str) -> Result<u64, DeployError> {
    let mut count = 0;
    for object in object::list(s3, bucket, prefix, REJECT_OBJECTS).await? {
        if let Some(key) = object.key() {
            let bytes = object::get(s3, bucket, key).await?;
            let lines = bytes.split(|byte| *byte == b'\n');
            count += lines.filter(|line| holds(line, run.as_bytes())).count() as u64;
        }
    }
    Ok(count)
}

/// Whether `text` holds `part`.
fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
