//! Stage 4: envelopes to the shop's tables and the raw lake.

use std::collections::BTreeMap;

use cfn::resources::dynamodb::Table;
use cfn::resources::kms::Encrypted;
use cfn::resources::lambda::{Function, KinesisMapping, Retries};
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle, Policy, Val};

use super::crossing;
use super::function::Plan;
use super::inbox::Inbox;
use super::lake::Lake;
use super::pipeline::Pipeline;
use crate::function::STORE;

/// How many records a call gets at most. An envelope is 4 KB as a rule, so that a full batch is about 3 MB on the wire;
/// Lambda ends a batch at 6 MB.
const BATCH: u16 = 500;
/// Prefix below which Lambda keeps the batches that it gave up.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>
const GIVEN_UP: &str = "aws/lambda/";
/// The age at which Lambda gives a record up: the retention of the stream, seven days, after which it is gone there.
const MAX_AGE_SECONDS: u32 = 7 * 24 * 60 * 60;

/// The tables that the shop reads, and the bucket that keeps everything. `raw_objects` hears of each object.
pub(super) fn lake(lake: &mut Lake<'_>, raw_objects: &Inbox) {
    let table = |lake: &Lake<'_>, what, partition_key, sort_key| Table {
        name: lake.names.table(what),
        partition_key,
        sort_key: Some(sort_key),
        key: lake.data_key.clone(),
        profile: lake.environment.profile.for_data(),
    };
    let customer = table(lake, "customer", "CustomerID", "InvoiceNo#EnvelopeId");
    let invoice = table(lake, "invoice", "InvoiceNo", "EnvelopeId");
    let customer = lake.template.add("CustomerTable", &customer);
    let invoice = lake.template.add("InvoiceTable", &invoice);
    let raw = lake.add_bucket(
        ["RawBucket", "RawBucketPolicy"],
        "raw",
        Some(("raw/v1/", raw_objects)),
    );
    crossing::CUSTOMER_TABLE.give(&mut lake.template, &customer.name());
    crossing::INVOICE_TABLE.give(&mut lake.template, &invoice.name());
    crossing::RAW_BUCKET.give(&mut lake.template, &raw.name());
}

/// The function `store` and its place on the stream.
pub(super) fn pipeline(pipeline: &mut Pipeline<'_>) -> Handle<Function> {
    let raw = Arn::<Bucket>::of(&pipeline.raw_bucket);
    let failures = if pipeline.environment.is_local() {
        "whole"
    } else {
        "partial"
    };
    let logs = crossing::LOGS_BUCKET.take(&mut pipeline.template);
    let logs = Arn::<Bucket>::of(&logs);
    let plan = Plan {
        spec: &STORE,
        environment: BTreeMap::from([
            ("RAW_BUCKET", pipeline.raw_bucket.text()),
            ("CUSTOMER_TABLE", pipeline.customer_table.text()),
            ("INVOICE_TABLE", pipeline.invoice_table.text()),
            ("BATCH_FAILURES", Val::from(failures)),
        ]),
        dead_letters: None,
        rights: rights(pipeline, &raw, &logs),
    };
    let function = pipeline.add_function(plan);
    // One batch of a shard at a time, as Lambda does by default: with a higher ParallelizationFactor the records of a
    // batch are not consecutive, and the key of a lake object no longer tells its content.
    pipeline.template.add(
        "StoreMapping",
        &KinesisMapping {
            function: function.arn(),
            stream: pipeline.stream_arn.clone(),
            batch: BATCH,
            window_seconds: pipeline.environment.windows.store,
            retries: Retries {
                max_age_seconds: MAX_AGE_SECONDS,
                // Another bucket, and no key of ours: raw bucket or key may be why the function fails.
                kept_in: logs,
            },
        },
    );
    function
}

fn rights(pipeline: &Pipeline<'_>, raw: &Arn<Bucket>, logs: &Arn<Bucket>) -> Policy {
    let mut rights = Policy::new();
    Encrypted::by_service(pipeline.stream_arn.clone()).grant_read(&mut rights);
    for table in [&pipeline.customer_table, &pipeline.invoice_table] {
        Encrypted::with(Arn::<Table>::of(table), pipeline.data_key.clone()).grant_put(&mut rights);
    }
    let raw = Encrypted::with(raw.clone(), pipeline.data_key.clone());
    for prefix in ["raw/v1/", "rejects/"] {
        raw.grant_put(prefix, &mut rights);
    }
    raw.grant_list(&mut rights);
    let logs = Encrypted::by_service(logs.clone());
    logs.grant_put(GIVEN_UP, &mut rights);
    logs.grant_list(&mut rights);
    rights
}
