//! Event source mappings: a stream or a queue whose records a function gets.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-eventsourcemapping.html>

use serde_json::{Value, json};

use super::function::Function;
use crate::resources::kinesis::Stream;
use crate::resources::s3::Bucket;
use crate::resources::sqs::Queue;
use crate::{Arn, Removal, Resource};

const TYPE: &str = "AWS::Lambda::EventSourceMapping";
const PARTIAL: [&str; 1] = ["ReportBatchItemFailures"];

/// The records of a stream, in order for each shard, from the oldest on.
#[derive(Clone, Debug)]
pub struct KinesisMapping {
    /// Who gets them.
    pub function: Arn<Function>,
    /// Where they come from.
    pub stream: Arn<Stream>,
    /// How many at most, up to 10,000. Lambda sends fewer where they would exceed 6 MB.
    pub batch: u16,
    /// How many seconds to gather a batch, up to 300.
    pub window_seconds: u16,
    /// What happens to a batch that fails.
    pub retries: Retries,
}

/// How long a failing batch holds its shard. It is retried without a limit until its records are too old, and halved at
/// each failure, so that the records at fault are found.
#[derive(Clone, Debug)]
pub struct Retries {
    /// The age in seconds from which a record is given up, 60 to 604,800.
    pub max_age_seconds: u32,
    /// Where the records that were given up are kept whole; a queue would get their positions only. The function's role
    /// must be let in.
    pub kept_in: Arn<Bucket>,
}

/// Retries until the records are too old.
const NO_LIMIT: i8 = -1;

impl Resource for KinesisMapping {
    const TYPE: &'static str = TYPE;
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "FunctionName": self.function,
            "EventSourceArn": self.stream,
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": self.batch,
            "MaximumBatchingWindowInSeconds": self.window_seconds,
            "FunctionResponseTypes": PARTIAL,
            "BisectBatchOnFunctionError": true,
            "MaximumRetryAttempts": NO_LIMIT,
            "MaximumRecordAgeInSeconds": self.retries.max_age_seconds,
            "DestinationConfig": {"OnFailure": {"Destination": self.retries.kept_in}},
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

/// The messages of a queue, in no order. What fails comes back after the queue's visibility timeout.
#[derive(Clone, Debug)]
pub struct QueueMapping {
    /// Who gets them.
    pub function: Arn<Function>,
    /// Where they come from.
    pub queue: Arn<Queue>,
    /// How many at most, up to 10,000; more than 10 need a window.
    pub batch: u16,
    /// How many seconds to gather a batch, 1 to 300.
    pub window_seconds: u16,
    /// How many calls at once, 2 to 1,000.
    pub max_concurrency: u16,
}

impl Resource for QueueMapping {
    const TYPE: &'static str = TYPE;
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "FunctionName": self.function,
            "EventSourceArn": self.queue,
            "BatchSize": self.batch,
            "MaximumBatchingWindowInSeconds": self.window_seconds,
            "FunctionResponseTypes": PARTIAL,
            "ScalingConfig": {"MaximumConcurrency": self.max_concurrency},
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
