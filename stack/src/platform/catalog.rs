//! Stage 5, for history: the Glue catalog of the staged files, the crawler that detects drift, and the Spark job for
//! backfills of years.

use std::collections::BTreeMap;

use cfn::resources::glue::{
    self, Column, Crawler, CsvClassifier, CsvTable, Database, Job, SecurityConfiguration, Start,
    Target, Trigger,
};
use cfn::resources::iam::{ManagedPolicy, Role};
use cfn::resources::kms::Encrypted;
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle, Name, Policy, Val, text};
use events::row::{COLUMNS, ColumnType, STAGED_ROOT, staged_prefix_of};

use super::pipeline::Pipeline;
use crate::environment::Profile;

/// Key of the job's script in the assets bucket. Glue reads it at each start, so the key never changes.
const SCRIPT: &str = "glue/job.py";
/// Prefix of the job's temporary objects.
const SCRATCH: &str = "glue/";
/// Name of the catalog table over the staged files.
const TABLE: &str = "sales_line";
/// Prefix of the tables that the crawler creates.
const FOUND: &str = "found_";
/// 03:15 UTC, before the analysts' day begins.
const NIGHTLY: &str = "cron(15 3 * * ? *)";

/// Adds database and table, and on AWS also the crawler and the backfill job.
pub(super) fn pipeline(pipeline: &mut Pipeline<'_>) {
    let database = Database {
        name: Name::literal(pipeline.names.catalog()),
        description: "Riverhouse: the staged files",
    };
    let database = pipeline.template.add("CatalogDatabase", &database);
    let table = CsvTable {
        database: database.name(),
        name: TABLE,
        description: "Order lines as they are loaded into the warehouse, one folder a day of arrival",
        columns: columns(pipeline.csv_version),
        location: staged(pipeline),
    };
    pipeline.template.add("StagedTable", &table);
    // The emulator has no classifiers and no security configurations, and its crawlers find nothing.
    if pipeline.environment.is_local() {
        return;
    }
    let security = SecurityConfiguration {
        name: pipeline.names.literal("glue"),
        key: pipeline.data_key.clone(),
    };
    let security = pipeline.template.add("GlueSecurity", &security).name();
    let crawler = add_crawler(pipeline, &database, &security);
    add_job(pipeline, &crawler, security);
}

/// Returns the columns in types that `OpenCSVSerde` reads exactly: whole numbers, and text for all others. It reads
/// no exact decimals, and dates only as numbers; queries cast them.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html>
fn columns(version: u32) -> Vec<Column> {
    let of_version = COLUMNS.iter().filter(|column| column.since <= version);
    of_version
        .map(|column| Column {
            name: column.name,
            kind: match column.kind {
                ColumnType::Integer => "int",
                ColumnType::Text { .. } | ColumnType::Decimal { .. } | ColumnType::Timestamp => {
                    "string"
                }
            },
            comment: column.comment,
        })
        .collect()
}

/// Returns the location of the staged files, in the form that Glue and Athena expect.
fn staged(pipeline: &Pipeline<'_>) -> Val<String> {
    text![
        "s3://",
        &pipeline.staging_bucket,
        "/",
        staged_prefix_of(pipeline.csv_version)
    ]
}

fn add_crawler(
    pipeline: &mut Pipeline<'_>,
    database: &Handle<Database>,
    security: &Name<SecurityConfiguration>,
) -> Name<Crawler> {
    let classifier = CsvClassifier {
        name: pipeline.names.literal("staged"),
        columns: columns(pipeline.csv_version)
            .iter()
            .map(|column| column.name)
            .collect(),
    };
    let classifier = pipeline.template.add("StagedClassifier", &classifier);
    let mut rights = Policy::new();
    let staging = encrypted(pipeline, &pipeline.staging_bucket);
    staging.grant_read(STAGED_ROOT, &mut rights);
    staging.grant_list(&mut rights);
    Arn::<Database>::grant_crawl(&Name::literal(pipeline.names.catalog()), &mut rights);
    let description = "Riverhouse: reads the schema of the staged files, to detect drift";
    let role = add_role(
        pipeline,
        ["CrawlerRole", "CrawlerPolicy"],
        "crawler",
        description,
        rights,
    );
    let scheduled = pipeline.environment.profile == Profile::Production;
    let crawler = Crawler {
        name: pipeline.names.literal("staged"),
        description,
        role: role.role,
        database: database.name(),
        table_prefix: FOUND,
        target: Target::Objects(staged(pipeline)),
        classifier: classifier.name(),
        security: security.clone(),
        schedule: scheduled.then_some(NIGHTLY),
    };
    let crawler = pipeline.template.add("StagedCrawler", &crawler);
    pipeline.template.depend(&crawler, &role.policy);
    crawler.name()
}

/// Adds the job and its triggers.
fn add_job(
    pipeline: &mut Pipeline<'_>,
    crawler: &Name<Crawler>,
    security: Name<SecurityConfiguration>,
) {
    let description = "Riverhouse: converts years of the raw lake to staged CSV";
    let rights = job_rights(pipeline);
    let role = add_role(
        pipeline,
        ["HistoryRole", "HistoryPolicy"],
        "history",
        description,
        rights,
    );
    let job = Job {
        name: pipeline.names.literal("history"),
        description,
        role: role.role,
        script: text!["s3://", &pipeline.assets_bucket, "/", SCRIPT],
        arguments: BTreeMap::from([
            (
                "--TempDir",
                text!["s3://", &pipeline.staging_bucket, "/", SCRATCH],
            ),
            ("--job-bookmark-option", "job-bookmark-enable".into()),
            ("--raw", text!["s3://", &pipeline.raw_bucket, "/raw/v1/"]),
            ("--staged", staged(pipeline)),
        ]),
        workers: 2,
        timeout_minutes: 8 * 60,
        security,
    };
    let job = pipeline.template.add("HistoryJob", &job);
    pipeline.template.depend(&job, &role.policy);
    add_triggers(pipeline, &job, crawler);
}

/// Adds two triggers: one starts the job on demand, the other starts the crawler after it.
fn add_triggers(pipeline: &mut Pipeline<'_>, job: &Handle<Job>, crawler: &Name<Crawler>) {
    let trigger = |what, description, start| Trigger {
        name: pipeline.names.literal(what),
        description,
        start,
    };
    let start = trigger(
        "history",
        "Riverhouse: starts the backfill on demand",
        Start::OnDemand(job.name()),
    );
    let after = trigger(
        "history-staged",
        "Riverhouse: starts the crawler after the backfill",
        Start::After(job.name(), crawler.clone()),
    );
    pipeline.template.add("HistoryTrigger", &start);
    pipeline.template.add("HistoryStagedTrigger", &after);
}

/// Returns the job's permissions: its script, the raw lake, staged files, rejects, and temporary objects.
fn job_rights(pipeline: &Pipeline<'_>) -> Policy {
    let mut rights = Policy::new();
    encrypted(pipeline, &pipeline.assets_bucket).grant_read("glue/", &mut rights);
    let raw = encrypted(pipeline, &pipeline.raw_bucket);
    raw.grant_read("raw/v1/", &mut rights);
    raw.grant_list(&mut rights);
    let staging = encrypted(pipeline, &pipeline.staging_bucket);
    for prefix in [STAGED_ROOT, "rejects/", SCRATCH] {
        staging.grant_put(prefix, &mut rights);
    }
    staging.grant_read(SCRATCH, &mut rights);
    staging.grant_list(&mut rights);
    rights
}

/// A Glue role, and its policy. What uses the role must depend on the policy, or it fails.
struct GlueRole {
    role: Arn<Role>,
    policy: Handle<ManagedPolicy>,
}

#[track_caller]
fn add_role(
    pipeline: &mut Pipeline<'_>,
    ids: [&'static str; 2],
    what: &str,
    description: &'static str,
    mut rights: Policy,
) -> GlueRole {
    let role = Role {
        name: pipeline.names.literal(what),
        description,
        trusted: &["glue.amazonaws.com"],
    };
    let role = pipeline.template.add(ids[0], &role);
    glue::grant_log(&mut rights);
    pipeline.data_key.grant_decrypt(&mut rights);
    let policy = ManagedPolicy {
        name: pipeline.names.literal(what),
        policy: rights,
        role: role.name(),
    };
    let policy = pipeline.template.add(ids[1], &policy);
    GlueRole {
        role: role.arn(),
        policy,
    }
}

fn encrypted(pipeline: &Pipeline<'_>, bucket: &Name<Bucket>) -> Encrypted<Bucket> {
    Encrypted::with(Arn::<Bucket>::of(bucket), pipeline.data_key.clone())
}
