//! Failures: a resource or a permission is removed and restored.

use serde_json::Value;

use crate::api::event;
use crate::environment::{Environment, alone};

const POLICY: &str = r"arn=$(aws iam list-attached-role-policies --role-name riverhouse-local-store --query 'AttachedPolicies[0].PolicyArn' --output text)";

#[test]
fn a_permission_removed_from_store_is_named_in_status_and_the_backlog_drains_when_it_is_restored() {
    let _way = alone();
    let environment = Environment::shared();
    // A deny statement overrides every allow; removing it restores the permission.
    environment.shell(
        r#"aws iam put-role-policy --role-name riverhouse-local-store --policy-name taken --policy-document \
           '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"dynamodb:BatchWriteItem","Resource":"*"}]}'"#,
    );
    let (status, _) = environment.post("application/json", event("denied").to_string().as_bytes());
    assert_eq!(status, 202, "the API takes events while the store is down");
    let sick = environment.wait_for("the error in status", Environment::status, |status| {
        let store = stage(status, "store")["last_error"]["message"]
            .as_str()
            .unwrap_or_default();
        store.contains("AccessDenied") && store.contains("BatchWriteItem") && waiting(status) > 0
    });
    assert_eq!(sick["healthy"], false);

    environment
        .shell("aws iam delete-role-policy --role-name riverhouse-local-store --policy-name taken");
    environment.wait_for("the backlog to drain", Environment::status, |status| {
        waiting(status) == 0
    });
    let invoice = environment.wait_for(
        "the invoice",
        |environment| environment.run(&["invoice", "77denied", "--json"]),
        |output| output.status.success(),
    );
    let invoice: Value = serde_json::from_slice(&invoice.stdout).unwrap();
    assert_eq!(invoice["line_count"], 1);
}

#[test]
fn each_function_has_one_policy_without_wildcards_except_for_xray() {
    let _way = alone();
    let environment = Environment::shared();
    let policy = environment.shell(&format!(
        r"{POLICY}; version=$(aws iam get-policy --policy-arn $arn --query Policy.DefaultVersionId --output text)
           aws iam get-policy-version --policy-arn $arn --version-id $version --query PolicyVersion.Document"
    ));
    let policy: Value = serde_json::from_str(&policy).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        let actions = statement["Action"].to_string();
        assert!(!actions.contains('*'), "{statement}");
        let everything = statement["Resource"] == "*";
        assert!(!everything || actions.contains("xray:"), "{statement}");
    }
}

fn stage<'a>(status: &'a Value, name: &str) -> &'a Value {
    let stages = status["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["name"] == name).unwrap()
}

fn waiting(status: &Value) -> u64 {
    stage(status, "stream")["backlog"].as_u64().unwrap()
}
