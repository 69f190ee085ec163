//! Tests of policy rules that none of our tools checks: `AwsSolutions` and `Serverless` of cdk-nag, and AWS's Guard
//! rules registry. Every template for AWS follows each rule, or the rule is accepted with a reason.
//!
//! Sources: <https://github.com/cdklabs/cdk-nag/blob/main/RULES.md>,
//! <https://github.com/aws-cloudformation/aws-guard-rules-registry>
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

#[path = "policy/api.rs"]
mod api;
#[path = "policy/data.rs"]
mod data;
#[path = "policy/functions.rs"]
mod functions;

use std::collections::BTreeSet;

use serde_json::Value;
use stack::platform::{StackKind, account_stack, stacks};

use crate::reading::{environments, resources, walk};

/// The rules that the templates do not follow, with the reasons. Those of checkov are suppressed in the templates, with
/// the same reason.
const ACCEPTED: [(&str, &str); 28] = [
    (
        "CKV_AWS_18",
        "of buckets that hold access logs: logging access to them would add logs without end",
    ),
    (
        "CKV_AWS_115",
        "in ephemeral environments: a fresh account refuses reserved concurrency",
    ),
    (
        "CKV_AWS_116",
        "of functions whose callers wait for the response, or keep failed events",
    ),
    (
        "CKV_AWS_117",
        "functions call AWS services only; a VPC would add a NAT or paid endpoints",
    ),
    (
        "CKV_AWS_120",
        "POST requests cannot be cached, and an invoice must be visible seconds after its event",
    ),
    (
        "CKV_AWS_87",
        "of clusters whose environment asks for public access: TLS only, from named networks",
    ),
    ("AwsSolutions-RS8", "as CKV_AWS_87"),
    ("REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK", "as CKV_AWS_87"),
    ("NO_UNRESTRICTED_ROUTE_TO_IGW", "as CKV_AWS_87"),
    (
        "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
        "of logins that the database has too: rotating the secret alone would break them",
    ),
    ("API_GW_CACHE_ENABLED_AND_ENCRYPTED", "as CKV_AWS_120"),
    (
        "API_GW_METHOD_AUTHORIZATION_TYPE_RULE",
        "where the environment asks for keys; IAM signs elsewhere",
    ),
    (
        "AwsSolutions-APIG3",
        "in ephemeral environments: the rules cost more than the rest of the environment",
    ),
    (
        "AwsSolutions-COG4",
        "callers are a shop's machines that sign with IAM, not people with passwords",
    ),
    (
        "AwsSolutions-IAM4",
        "of the account's one role for API Gateway's logs, whose managed policy AWS documents",
    ),
    (
        "AwsSolutions-IAM5",
        "the metadata of the resource has the reason for each wildcard",
    ),
    (
        "DYNAMODB_IN_BACKUP_PLAN",
        "every table can be restored to any second of 35 days, and the lake keeps all events",
    ),
    (
        "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
        "as AwsSolutions-IAM5",
    ),
    ("LAMBDA_CONCURRENCY_CHECK", "as CKV_AWS_115"),
    ("LAMBDA_DLQ_CHECK", "as CKV_AWS_116"),
    ("LAMBDA_INSIDE_VPC", "as CKV_AWS_117"),
    (
        "S3_BUCKET_DEFAULT_LOCK_ENABLED",
        "data must be deleted with all versions if a customer asks for it",
    ),
    ("S3_BUCKET_LOGGING_ENABLED", "as CKV_AWS_18"),
    (
        "S3_BUCKET_NO_PUBLIC_RW_ACL",
        "ACLs are off: the owner of the bucket owns every object",
    ),
    (
        "S3_BUCKET_REPLICATION_ENABLED",
        "the design has one region; versions restore deleted objects",
    ),
    (
        "S3_DEFAULT_ENCRYPTION_KMS",
        "of buckets that hold logs: their services write them with the key of S3 only",
    ),
    ("Serverless-LambdaStarPermissions", "as AwsSolutions-IAM5"),
    (
        "Serverless-SQSRedrivePolicy",
        "of the queues of dead letters: from there messages go nowhere by themselves",
    ),
];

/// Returns every template for AWS, including that of the account stack, with a name for messages.
pub(crate) fn on_aws() -> Vec<(String, Value)> {
    let environments = environments();
    let aws: Vec<_> = environments.iter().filter(|it| !it.is_local()).collect();
    let stacks = aws.iter().flat_map(|environment| stacks(environment));
    stacks
        .chain([account_stack(aws[0])])
        .map(|stack| {
            (
                stack.name.to_string(),
                serde_json::from_str(&stack.template.to_json()).unwrap(),
            )
        })
        .collect()
}

/// Asserts that every resource of type `kind` follows `rules`, and that there is at least one.
pub(crate) fn each(kind: &str, rules: &[&str], holds: impl Fn(&Value) -> bool) {
    each_in(&on_aws(), kind, rules, holds);
}

pub(crate) fn each_in(
    templates: &[(String, Value)],
    kind: &str,
    rules: &[&str],
    holds: impl Fn(&Value) -> bool,
) {
    let found: Vec<_> = templates
        .iter()
        .flat_map(|(name, template)| resources(template).map(move |(id, it)| (name, id, it)))
        .filter(|(.., it)| it["Type"] == kind)
        .collect();
    assert!(
        !found.is_empty(),
        "no {kind}, so {rules:?} would hold of nothing"
    );
    for (name, id, resource) in found {
        assert!(
            holds(&resource["Properties"]),
            "{name}: {id}: {rules:?}: {}",
            resource["Properties"]
        );
    }
}

/// Returns the rules of checkov that the templates suppress.
fn passed_over() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, template) in on_aws() {
        walk(&template["Resources"], &mut |value| {
            let skips = value["checkov"]["skip"].as_array().into_iter().flatten();
            found.extend(skips.map(|skip| skip["id"].as_str().unwrap().to_owned()));
        });
    }
    found
}

#[test]
fn at_most_six_rules_of_checkov_are_passed_over_and_each_is_accepted_here() {
    let accepted: BTreeSet<_> = ACCEPTED.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(accepted.len(), ACCEPTED.len(), "a rule is there twice");
    let checkov = accepted.iter().filter(|rule| rule.starts_with("CKV_"));
    assert_eq!(
        checkov.map(ToString::to_string).collect::<BTreeSet<_>>(),
        passed_over()
    );
    assert!(passed_over().len() <= 6);
    for (rule, reason) in ACCEPTED {
        let other = reason.strip_prefix("as ");
        assert!(
            reason.len() > 30 || other.is_some_and(|it| accepted.contains(it)),
            "{rule}: {reason}"
        );
    }
}

/// Whether a policy denies requests without TLS. Guard accepts only a JSON `false`, not a string.
pub(crate) fn denies_without_tls(properties: &Value) -> bool {
    let statements = properties["PolicyDocument"]["Statement"]
        .as_array()
        .unwrap();
    statements.iter().any(|it| {
        it["Effect"] == "Deny"
            && it["Principal"] == "*"
            && it["Condition"]["Bool"]["aws:SecureTransport"] == false
    })
}

#[test]
fn deleting_the_account_stack_keeps_its_resources() {
    let (_, account) = on_aws().pop().unwrap();
    for (id, resource) in resources(&account) {
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
    }
    let environments = environments();
    let of_environment = stacks(&environments[0]).into_iter().map(|stack| stack.kind);
    assert!(
        !of_environment
            .collect::<Vec<_>>()
            .contains(&StackKind::Account)
    );
}
