//! Event source mappings, which pass the records of a stream or queue to a function.
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

/// Passes the records of a stream to a function, in order for each shard, starting with the oldest.
#[derive(Clone, Debug)]
pub struct KinesisMapping {
    pub function: Arn<Function>,
    pub stream: Arn<Stream>,
    /// Maximum number of records in a batch, up to 10,000. Lambda sends fewer if they would exceed 6 MB.
    pub batch: u16,
    /// How many seconds to gather a batch, up to 300.
    pub window_seconds: u16,
    pub retries: Retries,
}

/// How long a failing batch is retried, which blocks its shard. Retries have no limit but the records' age, and each
/// failure splits the batch in half to isolate the bad record.
#[derive(Clone, Debug)]
pub struct Retries {
    /// The age in seconds at which a record is no longer retried, 60 to 604,800.
    pub max_age_seconds: u32,
    /// The bucket for records that failed finally, whole; a queue would get their positions only. The function's role
    /// must be allowed to write to it.
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

/// Passes the messages of a queue to a function, unordered. A failed message returns to the queue after its
/// visibility timeout.
#[derive(Clone, Debug)]
pub struct QueueMapping {
    pub function: Arn<Function>,
    pub queue: Arn<Queue>,
    /// Maximum number of messages in a batch, up to 10,000; more than 10 need a window.
    pub batch: u16,
    /// How many seconds to gather a batch, 1 to 300.
    pub window_seconds: u16,
    /// Maximum number of concurrent calls, 2 to 1,000.
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
