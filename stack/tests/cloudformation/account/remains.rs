//! Simulates the operations that a teardown uses: the resources of a stack, the content of a bucket, and searches
//! for leftovers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Request, xml};

/// Returns the logical id, name and type of each resource of a template.
pub(crate) fn resources(template: &Value) -> impl Iterator<Item = (String, String, String)> {
    let resources = template["Resources"].as_object().cloned();
    resources.unwrap_or_default().into_iter().map(|(id, it)| {
        let name = it["Properties"]["BucketName"]["Fn::Sub"].as_str();
        let name = name.map_or_else(
            || format!("the-{}", id.to_lowercase()),
            |name| {
                name.replace("${AWS::AccountId}", "123456789012")
                    .replace("${AWS::Region}", "eu-west-1")
            },
        );
        let kind = it["Type"].as_str().unwrap_or_default().to_owned();
        (id, name, kind)
    })
}

/// Lists the versions of a bucket, or its multipart uploads, of which there are none, or deletes the objects that
/// the request names.
pub(crate) fn bucket(objects: &mut BTreeMap<String, usize>, request: &Request) -> Answer {
    let bucket = request.path.trim_end_matches('/').to_owned() + "/";
    let named = |query: &str| request.query.split('&').any(|it| it.starts_with(query));
    let body = if named("delete") {
        let body = String::from_utf8_lossy(&request.body);
        for part in body.split("<Key>").skip(1) {
            let key = part.split("</Key>").next().unwrap_or_default();
            objects.remove(&(bucket.clone() + key));
        }
        xml::element("DeleteResult", "")
    } else if named("versions") {
        let keys = objects.keys().filter_map(|path| path.strip_prefix(&bucket));
        let versions: String = keys
            .map(|key| {
                let version = xml::text("Key", key) + &xml::text("VersionId", "1");
                xml::element("Version", &version)
            })
            .collect();
        xml::element("ListVersionsResult", &versions)
    } else if named("uploads") {
        xml::element("ListMultipartUploadsResult", "")
    } else {
        return (404, "text/plain", String::new());
    };
    (200, "application/xml", body)
}

/// Answers that nothing is left, by name or by tag. Refuses operations that are not simulated.
pub(crate) fn answer(request: &Request) -> Answer {
    let (status, body) = match request.action().as_str() {
        "GetResources" => (200, json!({"ResourceTagMappingList": []})),
        "DescribeLogGroups" => (200, json!({"logGroups": []})),
        "GetQueueUrl" => (400, refusal("AWS.SimpleQueueService.NonExistentQueue")),
        "DescribeTable" | "DescribeStreamSummary" => (400, refusal("ResourceNotFoundException")),
        action => (400, json!({"__type": "NotScripted", "message": action})),
    };
    (status, "application/x-amz-json-1.1", body.to_string())
}

fn refusal(code: &str) -> Value {
    json!({"__type": code, "message": "there is none"})
}
