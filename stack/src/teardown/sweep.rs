//! Resources that have the exact name of a resource of the environment but belong to no stack: data that
//! stacks of production released, log groups that a last log line created again, and leftovers of failed
//! creations.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::{TableDescription, TableStatus};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;
use serde_json::Value;

use super::plan::{Disposal, Plan, PlannedResource};
use super::{TeardownError, bucket};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::platform::stacks;
use crate::progress::Step;

/// The types that can be found by name, each with the property that has the name.
const NAMED: [(Kind, &str, &str); 5] = [
    (Kind::Bucket, "AWS::S3::Bucket", "BucketName"),
    (Kind::Table, "AWS::DynamoDB::Table", "TableName"),
    (Kind::LogGroup, "AWS::Logs::LogGroup", "LogGroupName"),
    (Kind::Stream, "AWS::Kinesis::Stream", "Name"),
    (Kind::Queue, "AWS::SQS::Queue", "QueueName"),
];

/// Error code of DynamoDB, Kinesis and CloudWatch Logs for a resource that does not exist.
const NOT_FOUND: &str = "ResourceNotFoundException";
/// The end of SQS's error code for an absent queue. `AWS.SimpleQueueService.NonExistentQueue` is the code of
/// the Query protocol, which the JSON protocol returns as well.
const NO_QUEUE: &str = "NonExistentQueue";

/// How often to check whether the protection of a table has ended, and the delay between two checks: two
/// minutes in total.
const SETTLING: u32 = 60;
const PAUSE: Duration = Duration::from_secs(2);

/// A type of resource that may be left.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    Bucket,
    Table,
    LogGroup,
    Stream,
    Queue,
}

impl Kind {
    /// Returns the kind of a resource type; `None` if such resources cannot be found by name.
    pub(super) fn of(resource_type: &str) -> Option<Self> {
        let found = NAMED.iter().find(|(_, name, _)| *name == resource_type)?;
        Some(found.0)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Table => "table",
            Self::LogGroup => "log group",
            Self::Stream => "stream",
            Self::Queue => "queue",
        }
    }
}

/// A resource with its exact name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Named {
    kind: Kind,
    name: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.name)
    }
}

/// Returns the name of a stack's resource; `None` if it cannot be found by name.
fn named(resource: &PlannedResource) -> Option<Named> {
    let kind = Kind::of(&resource.kind)?;
    // The physical id of a queue is its URL, which ends with the name.
    let name = resource
        .name
        .rsplit('/')
        .next()
        .filter(|_| kind == Kind::Queue);
    Some(Named {
        kind,
        name: name.unwrap_or(&resource.name).to_owned(),
    })
}

/// Returns whether a stack of the plan has the resource.
pub(super) fn has(plan: &Plan, wanted: &Named) -> bool {
    let mut resources = plan.stacks.iter().flat_map(|stack| &stack.resources);
    resources.any(|resource| named(resource).as_ref() == Some(wanted))
}

/// Returns the resources that the stacks of a plan release.
pub(super) fn let_go(plan: &Plan) -> impl Iterator<Item = Named> {
    let resources = plan.stacks.iter().flat_map(|stack| &stack.resources);
    resources
        .filter(|resource| resource.disposal == Disposal::Removed)
        .filter_map(named)
}

/// Returns all names in the environment's templates. Never a prefix: `riverhouse-dev-` is also the prefix of an
/// environment `dev-2`.
pub(super) fn names(environment: &Environment, account: &str, region: &str) -> BTreeSet<Named> {
    let templates = stacks(environment)
        .into_iter()
        .filter_map(|stack| serde_json::from_str::<Value>(&stack.template.to_json()).ok());
    let resources = templates.flat_map(|template| {
        let resources = template["Resources"].as_object().cloned();
        resources.unwrap_or_default().into_iter().map(|(_, it)| it)
    });
    resources
        .filter_map(|resource| {
            let kind = resource["Type"].as_str()?;
            let (kind, _, property) = NAMED.iter().find(|(_, name, _)| *name == kind)?;
            Some(Named {
                kind: *kind,
                name: resolved(&resource["Properties"][*property], account, region)?,
            })
        })
        .collect()
}

/// Resolves the references in a name.
fn resolved(name: &Value, account: &str, region: &str) -> Option<String> {
    let text = name.as_str().or_else(|| name["Fn::Sub"].as_str())?;
    let text = text
        .replace("${AWS::AccountId}", account)
        .replace("${AWS::Region}", region);
    (!text.contains("${")).then_some(text)
}

/// Ends the deletion protection of a table and waits until the table can be deleted. Only production sets
/// one; elsewhere it was set by hand and is reported.
pub(super) async fn unprotect(
    clients: &Clients,
    table: &str,
    production: bool,
) -> Result<(), TeardownError> {
    let client = aws_sdk_dynamodb::Client::new(clients.sdk());
    let table_now = described(&client, table).await?;
    if table_now.is_none_or(|it| it.deletion_protection_enabled != Some(true)) {
        return Ok(());
    }
    if !production {
        return Err(TeardownError::ProtectedTable(table.to_owned()));
    }
    let done = client
        .update_table()
        .table_name(table)
        .deletion_protection_enabled(false)
        .send()
        .await;
    absent_or(done, NOT_FOUND)
        .map_err(|failed| failed.doing(format!("dynamodb UpdateTable `{table}`")))?;
    for _ in 0..SETTLING {
        let status = described(&client, table)
            .await?
            .and_then(|it| it.table_status);
        if status != Some(TableStatus::Updating) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn described(
    client: &aws_sdk_dynamodb::Client,
    table: &str,
) -> Result<Option<TableDescription>, CallFailure> {
    let asked = client.describe_table().table_name(table).send().await;
    absent_or(asked, NOT_FOUND)
        .map(|found| found.and_then(|it| it.table))
        .map_err(|failed| failed.doing(format!("dynamodb DescribeTable `{table}`")))
}

/// Removes the resource with its data. Returns whether it existed.
pub(super) async fn remove(
    clients: &Clients,
    named: &Named,
    production: bool,
    step: &Step,
) -> Result<bool, TeardownError> {
    let name = named.name.as_str();
    if !is_there(clients, named).await? {
        return Ok(false);
    }
    step.at(format!("removing {named}"));
    let sdk = clients.sdk();
    let removed = match named.kind {
        Kind::Bucket => {
            let s3 = clients.s3();
            bucket::empty(&s3, name, step).await?;
            let done = s3.delete_bucket().bucket(name).send().await;
            absent_or(done, "NoSuchBucket").map(drop)
        }
        Kind::Table => {
            unprotect(clients, name, production).await?;
            let done = aws_sdk_dynamodb::Client::new(sdk).delete_table();
            absent_or(done.table_name(name).send().await, NOT_FOUND).map(drop)
        }
        Kind::LogGroup => {
            let done = aws_sdk_cloudwatchlogs::Client::new(sdk).delete_log_group();
            absent_or(done.log_group_name(name).send().await, NOT_FOUND).map(drop)
        }
        Kind::Stream => {
            let done = aws_sdk_kinesis::Client::new(sdk).delete_stream();
            let done = done.stream_name(name).enforce_consumer_deletion(true);
            absent_or(done.send().await, NOT_FOUND).map(drop)
        }
        Kind::Queue => {
            let sqs = aws_sdk_sqs::Client::new(sdk);
            let Some(url) = queue_url(&sqs, name).await? else {
                return Ok(true);
            };
            let done = sqs.delete_queue().queue_url(url).send().await;
            absent_or(done, NO_QUEUE).map(drop)
        }
    };
    removed.map_err(|failed| failed.doing(format!("removing {named}")))?;
    Ok(true)
}

/// Returns whether the resource exists; one that is being deleted does not.
pub(super) async fn is_there(clients: &Clients, named: &Named) -> Result<bool, CallFailure> {
    let (sdk, name) = (clients.sdk(), named.name.as_str());
    let found = match named.kind {
        Kind::Bucket => {
            let asked = clients.s3().head_bucket().bucket(name).send().await;
            absent_or(asked, "NotFound").map(|found| found.is_some())
        }
        Kind::Table => {
            let client = aws_sdk_dynamodb::Client::new(sdk);
            let status = described(&client, name)
                .await?
                .and_then(|it| it.table_status);
            return Ok(status.is_some_and(|status| status != TableStatus::Deleting));
        }
        Kind::LogGroup => {
            let asked = aws_sdk_cloudwatchlogs::Client::new(sdk).describe_log_groups();
            let asked = asked.log_group_name_prefix(name).send().await;
            absent_or(asked, NOT_FOUND).map(|found| {
                let groups = found.and_then(|it| it.log_groups).unwrap_or_default();
                groups.iter().any(|it| it.log_group_name() == Some(name))
            })
        }
        Kind::Stream => {
            let asked = aws_sdk_kinesis::Client::new(sdk).describe_stream_summary();
            let asked = asked.stream_name(name).send().await;
            absent_or(asked, NOT_FOUND).map(|found| {
                use aws_sdk_kinesis::types::StreamStatus;
                let status = found.and_then(|it| it.stream_description_summary);
                status.is_some_and(|it| it.stream_status != StreamStatus::Deleting)
            })
        }
        Kind::Queue => {
            return Ok(queue_url(&aws_sdk_sqs::Client::new(sdk), name)
                .await?
                .is_some());
        }
    };
    found.map_err(|failed| failed.doing(format!("looking for {named}")))
}

async fn queue_url(sqs: &aws_sdk_sqs::Client, name: &str) -> Result<Option<String>, CallFailure> {
    let asked = sqs.get_queue_url().queue_name(name).send().await;
    absent_or(asked, NO_QUEUE)
        .map(|found| found.and_then(|it| it.queue_url))
        .map_err(|failed| failed.doing(format!("sqs GetQueueUrl `{name}`")))
}

/// A failed call whose description is added later.
struct Failed(Box<dyn FnOnce(String) -> CallFailure + Send>);

impl Failed {
    fn doing(self, doing: String) -> CallFailure {
        (self.0)(doing)
    }
}

/// Returns the response; `None` if the service says that the resource does not exist.
fn absent_or<T, E, R>(
    answer: Result<T, aws_smithy_runtime_api::client::result::SdkError<E, R>>,
    absent: &str,
) -> Result<Option<T>, Failed>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code().is_some_and(|code| code.contains(absent)) => Ok(None),
        Err(error) => Err(Failed(Box::new(|doing| CallFailure::of(doing)(error)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_stateful_resource_is_known_exactly() {
        let environment = Environment::load("prod").unwrap();
        let found: Vec<_> = names(&environment, "123456789012", "eu-west-1")
            .iter()
            .map(Named::to_string)
            .collect();
        insta::assert_json_snapshot!(found);
    }

    #[test]
    fn a_name_that_only_the_account_knows_is_none() {
        let value = serde_json::json!({"Fn::Sub": "a-${Other}"});
        assert_eq!(resolved(&value, "1", "r"), None);
        assert_eq!(resolved(&Value::Null, "1", "r"), None);
    }
}
