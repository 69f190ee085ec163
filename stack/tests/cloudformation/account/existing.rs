//! Describes the resources of the stacks that exist.

use serde_json::{Value, json};

use super::{Answer, Content, Request, remains};

/// Returns the answer to a call that describes a resource of a stack; `None` for other calls, and for a resource that
/// no stack has.
pub(crate) fn answer(content: &Content, request: &Request) -> Option<Answer> {
    if request.service == "s3" && request.method == "HEAD" {
        let bucket = request.path.trim_matches('/');
        let found = exists(content, bucket);
        return found.then(|| (200, "text/plain", String::new()));
    }
    let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let name = |field: &str| asked[field].as_str().unwrap_or_default().to_owned();
    let (name, body) = match request.action().as_str() {
        "DescribeTable" => (
            name("TableName"),
            json!({"Table": {"TableStatus": "ACTIVE"}}),
        ),
        "DescribeStreamSummary" => (
            name("StreamName"),
            json!({"StreamDescriptionSummary": summary()}),
        ),
        "GetQueueAttributes" => (name("QueueUrl"), json!({"Attributes": {}})),
        "DescribeLogGroups" => {
            let group = name("logGroupNamePrefix");
            let days = retention(content, &group)?;
            let groups = json!([{"logGroupName": group, "retentionInDays": days}]);
            (group, json!({"logGroups": groups}))
        }
        _ => return None,
    };
    exists(content, &name).then(|| (200, "application/x-amz-json-1.1", body.to_string()))
}

fn exists(content: &Content, name: &str) -> bool {
    let mut stacks = content.stacks.values();
    stacks.any(|stack| remains::resources(&stack.template).any(|(_, other, _)| other == name))
}

/// Returns the retention in days of a log group, as its template says.
fn retention(content: &Content, group: &str) -> Option<Value> {
    content.stacks.values().find_map(|stack| {
        let (id, ..) = remains::resources(&stack.template).find(|(_, name, _)| name == group)?;
        Some(stack.template["Resources"][id]["Properties"]["RetentionInDays"].clone())
    })
}

fn summary() -> Value {
    json!({
        "StreamName": "stream",
        "StreamARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/stream",
        "StreamStatus": "ACTIVE",
        "RetentionPeriodHours": 168,
        "StreamCreationTimestamp": 1_700_000_000,
        "EnhancedMonitoring": [],
        "OpenShardCount": 1,
    })
}
