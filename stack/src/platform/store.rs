//! Stage 4: stores envelopes in the shop's tables and in the raw lake.

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
use super::pipeline::{Pipeline, Stage};
use super::row::{Row, Source, calls, figure, latency, widget};
use crate::function::STORE;

pub(super) const STAGE: Stage = Stage {
    function: &STORE,
    row: Some(&ROW),
    add: pipeline,
};
const OWN: Source = Source::Own("store");
const ROW: Row = Row {
    title: "store: tables and raw lake",
    widgets: &[
        widget(
            "Events",
            "Sum",
            &[
                figure(OWN, "Stored"),
                figure(OWN, "Rejected"),
                figure(OWN, "Failures"),
            ],
        ),
        widget(
            "Throttled writes",
            "Sum",
            &[
                figure(Source::Table("customer"), "WriteThrottleEvents"),
                figure(Source::Table("invoice"), "WriteThrottleEvents"),
            ],
        ),
        calls!("store"),
        latency!("store"),
    ],
};

/// Maximum number of records per invocation. An envelope usually has 4 KB, so a full batch is about 3 MB in the
/// request; Lambda limits a batch to 6 MB.
const BATCH: u16 = 500;
/// Key prefix below which Lambda writes the batches that it discards (on-failure destination).
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>
const DISCARDED: &str = "aws/lambda/";
/// Age at which Lambda discards a record: seven days, the retention of the stream.
const MAX_AGE_SECONDS: u32 = 7 * 24 * 60 * 60;

/// Adds the shop's tables and the bucket of the raw lake. The bucket sends notifications of new objects to
/// `raw_objects`.
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

/// Adds the function `store` and its event source mapping.
fn pipeline(pipeline: &mut Pipeline<'_>) -> Handle<Function> {
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
    // One batch per shard at a time, Lambda's default. With a higher ParallelizationFactor the records of a batch are
    // not consecutive, and the key of a lake object would not identify its content.
    pipeline.template.add(
        "StoreMapping",
        &KinesisMapping {
            function: function.arn(),
            stream: pipeline.stream_arn.clone(),
            batch: BATCH,
            window_seconds: pipeline.environment.windows.store,
            retries: Retries {
                max_age_seconds: MAX_AGE_SECONDS,
                // A different bucket, without our KMS key: the raw bucket or the key may be the cause of the failure.
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
    logs.grant_put(DISCARDED, &mut rights);
    logs.grant_list(&mut rights);
    rights
}
