//! Stage 6: loads staged CSV files into the warehouse.

use std::collections::BTreeMap;

use cfn::resources::dynamodb::Table;
use cfn::resources::iam::ManagedPolicy;
use cfn::resources::kms::Encrypted;
use cfn::resources::lambda::{Function, QueueMapping};
use cfn::resources::redshift::Cluster;
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle, Policy, Val};
use events::row::STAGED_ROOT;

use super::crossing;
use super::function::Plan;
use super::inbox::{Inbox, InboxIds};
use super::lake::Lake;
use super::pipeline::{Pipeline, Stage};
use super::reconcile;
use super::row::{MESSAGES, Row, Source, figure, latency, waiting, widget};
use crate::environment::Warehouse;
use crate::function::{LOAD, QUEUE_CALLS};

pub(super) const STAGE: Stage = Stage {
    function: &LOAD,
    row: Some(&ROW),
    add: pipeline,
};
const OWN: Source = Source::Own("load");
const ROW: Row = Row {
    title: "load: CSV to warehouse",
    widgets: &[
        widget(
            "Rows",
            "Sum",
            &[
                figure(OWN, "RowsInserted"),
                figure(OWN, "RowsReplaced"),
                figure(OWN, "Duplicates"),
                figure(OWN, "Conflicts"),
            ],
        ),
        waiting!("load"),
        widget(
            "Dead letters",
            "Maximum",
            &[
                figure(Source::Queue("load-dead"), MESSAGES),
                figure(Source::Queue("reconcile-dead"), MESSAGES),
                figure(OWN, "FilesSetAside"),
            ],
        ),
        latency!("load"),
    ],
};

const IDS: InboxIds = InboxIds {
    queue: "LoadQueue",
    policy: "LoadQueuePolicy",
    dead: "LoadDeadQueue",
    dead_policy: "LoadDeadQueuePolicy",
};
/// Maximum number of staged files per invocation.
const BATCH: u16 = 1000;
/// Key prefix of manifests: the lists of files of each load.
const MANIFESTS: &str = "manifests/";
/// Prefixes that a load reads: staged files and manifests.
const LOADED: [&str; 2] = [STAGED_ROOT, MANIFESTS];

/// An environment variable of the function.
type Setting = (&'static str, Val<String>);

/// Adds the queue of notifications from the staging bucket.
pub(super) fn inbox(lake: &mut Lake<'_>) -> Inbox {
    let staging = Arn::<Bucket>::of(&lake.names.bucket("staging"));
    let inbox = Inbox::add(lake, &IDS, "load", &staging);
    crossing::LOAD_QUEUE_URL.give(&mut lake.template, &inbox.url());
    crossing::LOAD_QUEUE_ARN.give(&mut lake.template, &inbox.arn());
    crossing::LOAD_DEAD_QUEUE_URL.give(&mut lake.template, &inbox.dead_url());
    inbox
}

/// Adds the table in which the loader keeps the state of loads.
pub(super) fn lake(lake: &mut Lake<'_>) {
    let load = Table {
        name: lake.names.table("load"),
        partition_key: "LoadId",
        sort_key: None,
        key: lake.data_key.clone(),
        profile: lake.environment.profile.for_data(),
    };
    let load = lake.template.add("LoadTable", &load);
    crossing::LOAD_TABLE.give(&mut lake.template, &load.name());
    reconcile::lake(lake);
}

/// Adds the function `load`, its event source mapping, and the policy of the warehouse's COPY role.
fn pipeline(pipeline: &mut Pipeline<'_>) -> Handle<Function> {
    let queue = crossing::LOAD_QUEUE_ARN.take(&mut pipeline.template);
    let load_table = crossing::LOAD_TABLE.take(&mut pipeline.template);
    let copy_role = crossing::WAREHOUSE_COPY_ROLE_ARN.take(&mut pipeline.template);
    let mut rights = Policy::new();
    Encrypted::with(queue.clone(), pipeline.queue_key.clone()).grant_consume(&mut rights);
    Encrypted::with(Arn::<Table>::of(&load_table), pipeline.data_key.clone())
        .grant_keep(&mut rights);
    // When the warehouse refuses rows of a file, the loader reads the file and writes it again without them.
    for prefix in [STAGED_ROOT, MANIFESTS, functions::load::REJECTS] {
        staging(pipeline).grant_put(prefix, &mut rights);
    }
    staging(pipeline).grant_read(STAGED_ROOT, &mut rights);
    staging(pipeline).grant_list(&mut rights);
    let dead_letters = crossing::RECONCILE_DEAD_QUEUE_ARN.take(&mut pipeline.template);
    Encrypted::with(dead_letters.clone(), pipeline.queue_key.clone()).grant_send(&mut rights);
    let mut environment = BTreeMap::from([
        ("STAGING_BUCKET", pipeline.staging_bucket.text()),
        ("LOAD_TABLE", load_table.text()),
        ("COPY_ROLE_ARN", copy_role.text()),
    ]);
    environment.extend(warehouse(pipeline, &mut rights));
    let function = pipeline.add_function(Plan {
        spec: &LOAD,
        environment,
        dead_letters: Some(dead_letters.clone()),
        rights,
    });
    let schedules = reconcile::pipeline(pipeline, &function.arn(), dead_letters);
    let mapping = pipeline.template.add(
        "LoadMapping",
        &QueueMapping {
            function: function.arn(),
            queue,
            batch: BATCH,
            window_seconds: pipeline.environment.windows.load,
            max_concurrency: QUEUE_CALLS,
        },
    );
    if !pipeline.environment.is_local() {
        // The mapping starts loads, so the COPY role must be able to read first.
        let copy = add_copy_policy(pipeline);
        pipeline.template.depend(&mapping, &copy);
        for schedule in &schedules {
            pipeline.template.depend(schedule, &copy);
        }
    }
    function
}

/// Returns the settings for the database and its warehouse, and adds the permission to run SQL.
fn warehouse(pipeline: &mut Pipeline<'_>, rights: &mut Policy) -> [Setting; 2] {
    let template = &mut pipeline.template;
    let database = crossing::WAREHOUSE_DATABASE.take(template);
    let (variable, name) = match pipeline.environment.warehouse {
        Warehouse::Local | Warehouse::Cluster { .. } => {
            let cluster = crossing::WAREHOUSE_CLUSTER.take(template);
            Arn::<Cluster>::grant_sql(&cluster, &database, rights);
            ("WAREHOUSE_CLUSTER_IDENTIFIER", cluster.text())
        }
        Warehouse::Serverless { .. } => {
            crossing::WAREHOUSE_WORKGROUP_ARN
                .take(template)
                .grant_sql(rights);
            (
                "WAREHOUSE_WORKGROUP",
                crossing::WAREHOUSE_WORKGROUP.take(template).text(),
            )
        }
    };
    [("WAREHOUSE_DATABASE", database.text()), (variable, name)]
}

/// Adds the policy of the COPY role. The role belongs to the warehouse stack; the buckets that it may read are known
/// here.
fn add_copy_policy(pipeline: &mut Pipeline<'_>) -> Handle<ManagedPolicy> {
    let role = crossing::WAREHOUSE_COPY_ROLE_NAME.take(&mut pipeline.template);
    let mut policy = Policy::new();
    let staging = staging(pipeline);
    for prefix in LOADED {
        staging.grant_read(prefix, &mut policy);
    }
    staging.grant_list(&mut policy);
    let name = pipeline.names.literal("copy");
    pipeline
        .template
        .add("CopyPolicy", &ManagedPolicy { name, policy, role })
}

fn staging(pipeline: &Pipeline<'_>) -> Encrypted<Bucket> {
    Encrypted::with(
        Arn::<Bucket>::of(&pipeline.staging_bucket),
        pipeline.data_key.clone(),
    )
}
