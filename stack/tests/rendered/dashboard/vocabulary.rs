//! The metrics that AWS and our functions emit, as far as dashboards and alarms may use them.

use serde_json::Value;

/// Namespace, its dimensions in the order in which we write them, and its metrics. Our own metrics are compared with
/// the functions' code elsewhere.
///
/// Sources: the pages "metrics" of each service's guide, such as
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
const ALLOWED: [(&str, &[&str], &[&str]); 7] = [
    (
        "AWS/ApiGateway",
        &["ApiName", "Stage"],
        &[
            "Count",
            "4XXError",
            "5XXError",
            "Latency",
            "IntegrationLatency",
        ],
    ),
    (
        "AWS/Kinesis",
        &["StreamName"],
        &[
            "IncomingRecords",
            "IncomingBytes",
            "WriteProvisionedThroughputExceeded",
            "GetRecords.IteratorAgeMilliseconds",
        ],
    ),
    (
        "AWS/Lambda",
        &["FunctionName"],
        &[
            "Invocations",
            "Errors",
            "Throttles",
            "Duration",
            "IteratorAge",
            "DestinationDeliveryFailures",
        ],
    ),
    (
        "AWS/SQS",
        &["QueueName"],
        &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
        ],
    ),
    (
        "AWS/DynamoDB",
        &["TableName"],
        &["WriteThrottleEvents", "ReadThrottleEvents"],
    ),
    (
        "AWS/Redshift",
        &["ClusterIdentifier"],
        &[
            "CPUUtilization",
            "DatabaseConnections",
            "PercentageDiskSpaceUsed",
        ],
    ),
    (
        "AWS/Redshift-Serverless",
        &["Workgroup"],
        &["ComputeSeconds", "ComputeCapacity"],
    ),
];

/// Each dimension, and the resource type and property with its value.
const RESOURCES: [(&str, &str, &str); 8] = [
    ("ApiName", "AWS::ApiGateway::RestApi", "Name"),
    ("Stage", "AWS::ApiGateway::Stage", "StageName"),
    ("StreamName", "AWS::Kinesis::Stream", "Name"),
    ("FunctionName", "AWS::Lambda::Function", "FunctionName"),
    ("QueueName", "AWS::SQS::Queue", "QueueName"),
    ("TableName", "AWS::DynamoDB::Table", "TableName"),
    (
        "ClusterIdentifier",
        "AWS::Redshift::Cluster",
        "ClusterIdentifier",
    ),
    (
        "Workgroup",
        "AWS::RedshiftServerless::Workgroup",
        "WorkgroupName",
    ),
];

/// Returns whether a metric with exactly these dimensions is emitted.
pub(super) fn allowed(namespace: &str, dimensions: &[&str], name: &str) -> bool {
    if namespace == functions::metrics::NAMESPACE {
        return dimensions == ["FunctionName"];
    }
    ALLOWED.iter().any(|(allowed, by, names)| {
        *allowed == namespace && *by == dimensions && names.contains(&name)
    })
}

/// Returns the value of a dimension that `resource` has, if it is of the type that the dimension names.
pub(super) fn dimension_of(resource: &Value) -> Option<(String, String)> {
    let mut all = RESOURCES.into_iter();
    let (dimension, _, property) = all.find(|(_, kind, _)| resource["Type"] == *kind)?;
    let value = resource["Properties"][property].as_str()?;
    Some((dimension.to_owned(), value.to_owned()))
}

/// Returns whether CloudWatch computes this statistic.
pub(super) fn is_statistic(text: &str) -> bool {
    let percentile = text.strip_prefix('p').and_then(|it| it.parse::<f64>().ok());
    ["Sum", "Average", "Minimum", "Maximum", "SampleCount"].contains(&text)
        || percentile.is_some_and(|it| (0.0..=100.0).contains(&it))
}
