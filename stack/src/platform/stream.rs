//! Stage 3: the Kinesis stream, ordered per invoice.

use cfn::resources::kinesis::{RetentionHours, Stream};

use super::crossing;
use super::lake::Lake;

/// Adds the stream between `ingest` and `store`.
pub(super) fn lake(lake: &mut Lake<'_>) {
    let stream = lake.template.add(
        "EventStream",
        &Stream {
            name: lake.names.literal("events"),
            capacity: lake.environment.stream,
            retention: RetentionHours::WEEK,
            profile: lake.environment.profile.for_data(),
        },
    );
    crossing::STREAM_NAME.give(&mut lake.template, &stream.name());
    crossing::STREAM_ARN.give(&mut lake.template, &stream.arn());
}
