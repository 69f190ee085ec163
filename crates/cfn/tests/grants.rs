//! The exact permissions of each grant. Reviewers of permissions read the snapshot of this file.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use cfn::resources::dynamodb::Table;
use cfn::resources::glue::{self, Database};
use cfn::resources::iam::ManagedPolicy;
use cfn::resources::kinesis::Stream;
use cfn::resources::kms::{Encrypted, Key};
use cfn::resources::logs::{LogGroup, RetentionDays};
use cfn::resources::redshift::Cluster;
use cfn::resources::redshift_serverless::Workgroup;
use cfn::resources::s3::Bucket;
use cfn::resources::sqs::Queue;
use cfn::resources::xray;
use cfn::{Arn, Name, Policy, Profile, Resource, Template};
use serde_json::Value;

fn encrypted<R>(arn: &'static str) -> Encrypted<R> {
    Encrypted::with(Arn::literal(arn), Arn::literal("the-key"))
}

/// Every grant, with its name.
fn grants() -> Vec<(&'static str, Policy)> {
    let stream: Encrypted<Stream> = encrypted("the-stream");
    let table: Encrypted<Table> = encrypted("the-table");
    let queue: Encrypted<Queue> = encrypted("the-queue");
    let bucket: Encrypted<Bucket> = encrypted("the-bucket");
    let logs = Template::new("").add(
        "Logs",
        &LogGroup {
            name: Name::literal("logs"),
            retention: RetentionDays::new(7).unwrap(),
            key: Arn::literal("the-key"),
            profile: Profile::Ephemeral,
        },
    );
    let of = |grant: &dyn Fn(&mut Policy)| {
        let mut policy = Policy::new();
        grant(&mut policy);
        policy
    };
    vec![
        ("kinesis put", of(&|policy| stream.grant_put(policy))),
        ("kinesis read", of(&|policy| stream.grant_read(policy))),
        ("dynamodb put", of(&|policy| table.grant_put(policy))),
        ("dynamodb query", of(&|policy| table.grant_query(policy))),
        ("dynamodb keep", of(&|policy| table.grant_keep(policy))),
        ("sqs consume", of(&|policy| queue.grant_consume(policy))),
        ("s3 read", of(&|policy| bucket.grant_read("raw/", policy))),
        ("s3 put", of(&|policy| bucket.grant_put("raw/", policy))),
        ("s3 list", of(&|policy| bucket.grant_list(policy))),
        (
            "kms decrypt",
            of(&|policy| Arn::<Key>::literal("the-key").grant_decrypt(policy)),
        ),
        ("logs write", of(&|policy| logs.grant_write(policy))),
        ("xray trace", of(&xray::grant_trace)),
        (
            "redshift cluster sql",
            of(&|policy| {
                Arn::<Cluster>::grant_sql(
                    &Name::literal("cluster"),
                    &Name::literal("database"),
                    policy,
                );
            }),
        ),
        (
            "glue crawl",
            of(&|policy| Arn::<Database>::grant_crawl(&Name::literal("catalog"), policy)),
        ),
        ("glue log", of(&glue::grant_log)),
        (
            "redshift workgroup sql",
            of(&|policy| Arn::<Workgroup>::literal("the-workgroup").grant_sql(policy)),
        ),
    ]
}

fn managed(policy: Policy) -> ManagedPolicy {
    ManagedPolicy {
        name: Name::literal("policy"),
        policy,
        role: Name::literal("role"),
    }
}

#[test]
fn each_grant_allows_exactly_this() {
    let lines = grants().into_iter().flat_map(|(name, policy)| {
        let document = managed(policy).properties()["PolicyDocument"].clone();
        let statements = document["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .map(line)
            .collect::<Vec<_>>();
        std::iter::once(name.to_owned()).chain(statements)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

/// Formats a statement on one line.
fn line(statement: &Value) -> String {
    let words = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(spelled)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let condition = statement
        .get("Condition")
        .map(|it| format!(" when {it}"))
        .unwrap_or_default();
    format!(
        "  {} on {}{condition}",
        words(&statement["Action"]),
        words(&statement["Resource"])
    )
}

#[test]
fn every_wildcard_in_a_grant_has_a_reason() {
    for (name, policy) in grants() {
        let policy = managed(policy);
        let reasons = policy.wildcards();
        for statement in policy.properties()["PolicyDocument"]["Statement"]
            .as_array()
            .unwrap()
        {
            assert!(
                !statement["Action"].to_string().contains('*'),
                "{name}: {statement}"
            );
            for resource in statement["Resource"]
                .as_array()
                .unwrap()
                .iter()
                .map(spelled)
            {
                assert!(
                    !resource.contains('*') || reasons.contains_key(&resource),
                    "{name}: {resource}"
                );
            }
        }
    }
}

/// Formats a resource as `Scope` does.
fn spelled(value: &Value) -> String {
    value.as_str().map_or_else(
        || {
            value.get("Fn::Sub").map_or_else(
                || value.to_string(),
                |text| text.as_str().unwrap().to_owned(),
            )
        },
        ToOwned::to_owned,
    )
}
