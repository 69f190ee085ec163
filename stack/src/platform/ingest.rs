//! Stage 2: receives events at `POST /events` with the function `ingest`.

use std::collections::BTreeMap;

use cfn::resources::kms::Encrypted;
use cfn::resources::lambda::Function;
use cfn::resources::s3::Bucket;
use cfn::{Arn, Handle, Policy};

use super::crossing;
use super::function::Plan;
use super::pipeline::{Pipeline, Stage};
use super::row::{Row, Source, calls, figure, latency, widget};
use crate::function::INGEST;

pub(super) const STAGE: Stage = Stage {
    function: &INGEST,
    row: Some(&ROW),
    add: function,
};
const OWN: Source = Source::Own("ingest");
const ROW: Row = Row {
    title: "ingest: POST to envelope",
    widgets: &[
        widget(
            "Events",
            "Sum",
            &[
                figure(OWN, "Accepted"),
                figure(OWN, "Rejected"),
                figure(OWN, "Refused"),
            ],
        ),
        widget("Envelopes", "Sum", &[figure(OWN, "Envelopes")]),
        calls!("ingest"),
        latency!("ingest"),
    ],
};

/// Adds the function `ingest`.
fn function(pipeline: &mut Pipeline<'_>) -> Handle<Function> {
    let mut rights = Policy::new();
    Encrypted::by_service(pipeline.stream_arn.clone()).grant_put(&mut rights);
    let raw = Arn::<Bucket>::of(&pipeline.raw_bucket);
    Encrypted::with(raw, pipeline.data_key.clone()).grant_put("rejects/ingest/", &mut rights);
    let stream = crossing::STREAM_NAME.take(&mut pipeline.template);
    pipeline.add_function(Plan {
        spec: &INGEST,
        environment: BTreeMap::from([
            ("RAW_BUCKET", pipeline.raw_bucket.text()),
            ("STREAM_NAME", stream.text()),
        ]),
        dead_letters: None,
        rights,
    })
}
