//! Reads the state of each resource from its service. IAM, KMS, Glue and schedules are skipped.

use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;

use super::inspection::Inspection;
use super::problem::Answer;
use super::resource::{self, Condition, Resource};

/// Error codes that mean that a resource does not exist.
const GONE: [&str; 7] = [
    "ResourceNotFoundException",
    "NotFound",
    "NoSuchBucket",
    "404",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NonExistentQueue",
];

/// Reads the conditions of `resources` concurrently. Resources of other types are left out.
pub(super) async fn all(
    inspection: &Inspection,
    resources: Vec<Resource>,
) -> Vec<(Resource, Answer<Condition>)> {
    let asked = resources.into_iter().map(async |resource| {
        let answer = inspection.ask(one(inspection, &resource)).await;
        let answer = answer.transpose()?;
        Some((resource, answer))
    });
    let asked = futures_util::future::join_all(asked).await;
    asked.into_iter().flatten().collect()
}

/// Reads the condition of a resource. `None` for types that are not checked.
async fn one(
    inspection: &Inspection,
    resource: &Resource,
) -> Result<Option<Condition>, CallFailure> {
    let (sdk, name) = (inspection.clients.sdk(), resource.name.as_str());
    let found = match resource.kind.as_str() {
        "AWS::Lambda::Function" => function(sdk, name).await,
        "AWS::Lambda::EventSourceMapping" => mapping(sdk, name).await,
        "AWS::DynamoDB::Table" => table(sdk, name).await,
        "AWS::Kinesis::Stream" => stream(sdk, name).await,
        "AWS::S3::Bucket" => bucket(inspection, name).await,
        "AWS::SQS::Queue" => queue(sdk, name).await,
        "AWS::Logs::LogGroup" => log_group(inspection, name).await,
        _ => return Ok(None),
    };
    found.map(Some)
}

/// Converts the response of a call to a condition. An error code in [`GONE`] gives `Missing`.
fn condition<T, E, R>(
    answer: Result<T, SdkError<E, R>>,
    doing: String,
    of: impl FnOnce(T) -> Condition,
) -> Result<Condition, CallFailure>
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    match answer {
        Ok(answer) => Ok(of(answer)),
        Err(error) if error.code().is_some_and(|code| GONE.contains(&code)) => {
            Ok(Condition::Missing)
        }
        Err(error) => Err(CallFailure::of(doing)(error)),
    }
}

async fn function(sdk: &aws_types::SdkConfig, name: &str) -> Result<Condition, CallFailure> {
    let client = aws_sdk_lambda::Client::new(sdk);
    let answer = client.get_function().function_name(name).send().await;
    condition(answer, format!("lambda GetFunction of `{name}`"), |it| {
        let reserved = it
            .concurrency()
            .and_then(aws_sdk_lambda::types::Concurrency::reserved_concurrent_executions);
        let configuration = it.configuration();
        let state = configuration.and_then(|it| it.state());
        let update = configuration.and_then(|it| it.last_update_status());
        resource::function(
            name,
            state.map_or("", |it| it.as_str()),
            update.map_or("", |it| it.as_str()),
            reserved,
        )
    })
}

async fn mapping(sdk: &aws_types::SdkConfig, uuid: &str) -> Result<Condition, CallFailure> {
    let client = aws_sdk_lambda::Client::new(sdk);
    let answer = client.get_event_source_mapping().uuid(uuid).send().await;
    let doing = format!("lambda GetEventSourceMapping of `{uuid}`");
    condition(answer, doing, |it| {
        resource::mapping(uuid, it.state().unwrap_or_default())
    })
}

async fn table(sdk: &aws_types::SdkConfig, name: &str) -> Result<Condition, CallFailure> {
    let client = aws_sdk_dynamodb::Client::new(sdk);
    let answer = client.describe_table().table_name(name).send().await;
    condition(
        answer,
        format!("dynamodb DescribeTable of `{name}`"),
        |it| {
            let status = it.table().and_then(|table| table.table_status());
            resource::store(status.map_or("unknown", |status| status.as_str()))
        },
    )
}

async fn stream(sdk: &aws_types::SdkConfig, name: &str) -> Result<Condition, CallFailure> {
    let client = aws_sdk_kinesis::Client::new(sdk);
    let answer = client
        .describe_stream_summary()
        .stream_name(name)
        .send()
        .await;
    let doing = format!("kinesis DescribeStreamSummary of `{name}`");
    condition(answer, doing, |it| {
        let summary = it.stream_description_summary();
        resource::store(summary.map_or("unknown", |it| it.stream_status().as_str()))
    })
}

async fn bucket(inspection: &Inspection, name: &str) -> Result<Condition, CallFailure> {
    let answer = inspection
        .clients
        .s3()
        .head_bucket()
        .bucket(name)
        .send()
        .await;
    // A response to HEAD has no body, so the error code may be absent.
    if let Err(error) = &answer
        && error
            .raw_response()
            .is_some_and(|response| response.status().as_u16() == 404)
    {
        return Ok(Condition::Missing);
    }
    condition(answer, format!("s3 HeadBucket of `{name}`"), |_| {
        Condition::Ready
    })
}

async fn queue(sdk: &aws_types::SdkConfig, url: &str) -> Result<Condition, CallFailure> {
    let client = aws_sdk_sqs::Client::new(sdk);
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await;
    condition(answer, format!("sqs GetQueueAttributes of {url}"), |_| {
        Condition::Ready
    })
}

async fn log_group(inspection: &Inspection, name: &str) -> Result<Condition, CallFailure> {
    let client = aws_sdk_cloudwatchlogs::Client::new(inspection.clients.sdk());
    let wanted = inspection.environment.log_retention;
    let answer = client
        .describe_log_groups()
        .log_group_name_prefix(name)
        .send()
        .await;
    condition(
        answer,
        format!("logs DescribeLogGroups of `{name}`"),
        |it| {
            let mut groups = it.log_groups().iter();
            let group = groups.find(|group| group.log_group_name() == Some(name));
            group.map_or(Condition::Missing, |group| {
                resource::log_group(name, group.retention_in_days(), wanted.days().into())
            })
        },
    )
}
