//! Stage 5: transforms raw NDJSON to CSV.

use std::collections::BTreeMap;

use cfn::resources::kms::Encrypted;
use cfn::resources::lambda::{Function, QueueMapping};
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle, Policy};
use events::row::STAGED_ROOT;

use super::crossing;
use super::function::Plan;
use super::inbox::{Inbox, InboxIds};
use super::lake::Lake;
use super::pipeline::{Pipeline, Stage};
use super::row::{MESSAGES, Row, Source, figure, latency, waiting, widget};
use crate::function::{QUEUE_CALLS, TRANSFORM};

pub(super) const STAGE: Stage = Stage {
    function: &TRANSFORM,
    row: Some(&ROW),
    add: pipeline,
};
const OWN: Source = Source::Own("transform");
const ROW: Row = Row {
    title: "transform: raw lake to CSV",
    widgets: &[
        widget(
            "Rows",
            "Sum",
            &[
                figure(OWN, "Rows"),
                figure(OWN, "Rejected"),
                figure(OWN, "Failures"),
            ],
        ),
        waiting!("transform"),
        widget(
            "Dead letters",
            "Maximum",
            &[figure(Source::Queue("transform-dead"), MESSAGES)],
        ),
        latency!("transform"),
    ],
};

const IDS: InboxIds = InboxIds {
    queue: "TransformQueue",
    policy: "TransformQueuePolicy",
    dead: "TransformDeadQueue",
    dead_policy: "TransformDeadQueuePolicy",
};
/// Maximum number of raw objects per invocation.
const BATCH: u16 = 100;

/// Adds the queue of notifications from the raw lake.
pub(super) fn inbox(lake: &mut Lake<'_>) -> Inbox {
    let raw = Arn::<Bucket>::of(&lake.names.bucket("raw"));
    let inbox = Inbox::add(lake, &IDS, "transform", &raw);
    crossing::TRANSFORM_QUEUE_URL.give(&mut lake.template, &inbox.url());
    crossing::TRANSFORM_QUEUE_ARN.give(&mut lake.template, &inbox.arn());
    crossing::TRANSFORM_DEAD_QUEUE_URL.give(&mut lake.template, &inbox.dead_url());
    inbox
}

/// Adds the bucket of the CSV files. It sends notifications of new files to `staged_files`.
pub(super) fn lake(lake: &mut Lake<'_>, staged_files: &Inbox) {
    let staging = lake.add_bucket(
        ["StagingBucket", "StagingBucketPolicy"],
        "staging",
        Some((STAGED_ROOT, staged_files)),
    );
    crossing::STAGING_BUCKET.give(&mut lake.template, &staging.name());
}

/// Adds the function `transform` and its event source mapping.
fn pipeline(pipeline: &mut Pipeline<'_>) -> Handle<Function> {
    let queue = crossing::TRANSFORM_QUEUE_ARN.take(&mut pipeline.template);
    let mut rights = Policy::new();
    let encrypted = |arn| Encrypted::with(arn, pipeline.data_key.clone());
    Encrypted::with(queue.clone(), pipeline.queue_key.clone()).grant_consume(&mut rights);
    encrypted(Arn::<Bucket>::of(&pipeline.raw_bucket)).grant_read("raw/v1/", &mut rights);
    let staging = encrypted(Arn::<Bucket>::of(&pipeline.staging_bucket));
    // Staged files of all versions: during an upgrade old and new functions write at the same time.
    for prefix in [STAGED_ROOT, "rejects/"] {
        staging.grant_put(prefix, &mut rights);
    }
    let function = pipeline.add_function(Plan {
        spec: &TRANSFORM,
        environment: BTreeMap::from([("STAGING_BUCKET", pipeline.staging_bucket.text())]),
        dead_letters: None,
        rights,
    });
    pipeline.template.add(
        "TransformMapping",
        &QueueMapping {
            function: function.arn(),
            queue,
            batch: BATCH,
            window_seconds: pipeline.environment.windows.transform,
            max_concurrency: QUEUE_CALLS,
        },
    );
    function
}
