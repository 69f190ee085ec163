//! Events with which a replay invokes the functions. Pure.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::plan::{Group, Object};

/// Percent-encoding of keys in S3 notifications.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'/');

/// Returns the batch of SQS messages that announces the objects of `group` to `transform`, one message per object.
/// The id of a message is the index of its object.
pub(super) fn notifications(bucket: &str, group: &Group) -> Value {
    let message = |(number, object)| {
        json!({
            "messageId": format!("{number}"),
            "receiptHandle": "replay",
            "body": notification(bucket, object).to_string(),
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        })
    };
    let messages: Vec<_> = group.objects.iter().enumerate().map(message).collect();
    json!({ "Records": messages })
}

fn notification(bucket: &str, object: &Object) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        // The day of a staged file comes from the object's key, so this time is not used.
        "eventTime": "1970-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "replay"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "replay",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "replay"},
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": {
                "key": utf8_percent_encode(&object.key, ENCODED).to_string(),
                "eTag": object.etag,
            },
        },
    }]})
}

/// Returns the keys of those objects of `group` that `transform` reports as failed.
pub(super) fn failed(group: &Group, answer: &Value) -> BTreeSet<String> {
    let failures = answer["batchItemFailures"].as_array();
    let number = |failure: &Value| {
        let id = failure["itemIdentifier"].as_str()?;
        id.parse::<usize>().ok()
    };
    let numbers = failures.into_iter().flatten().filter_map(number);
    numbers
        .filter_map(|number| group.objects.get(number))
        .map(|object| object.key.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_travel_encoded_and_an_answer_names_the_objects_that_failed() {
        let object = |key: &str| Object {
            key: key.to_owned(),
            etag: "0123".to_owned(),
        };
        let group = Group {
            objects: vec![object("raw/v1/dt=2026-01-02/a"), object("raw/v1/b c")],
        };
        let event = notifications("raw", &group);
        let body = |at: usize| -> Value {
            serde_json::from_str(event["Records"][at]["body"].as_str().unwrap()).unwrap()
        };
        let key = |at| body(at)["Records"][0]["s3"]["object"]["key"].clone();
        assert_eq!(key(0), "raw/v1/dt%3D2026-01-02/a");
        assert_eq!(key(1), "raw/v1/b%20c");
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "1"}]});
        assert_eq!(failed(&group, &answer), ["raw/v1/b c".to_owned()].into());
        assert_eq!(failed(&group, &Value::Null), BTreeSet::new());
    }
}
