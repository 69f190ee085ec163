//! Looks for remaining resources of an environment, by exact name and by tags.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use cloudformation::CallFailure;

use super::sweep::{Named, is_there};
use super::{Destroyed, TeardownError};
use crate::clients::Clients;
use crate::environment::APPLICATION;
use crate::environment::{Environment, Profile};
use crate::progress::Step;

/// Services whose resources are checked by name, because the tag index lists deleted resources for some
/// minutes.
const BY_NAME: [&str; 7] = [
    "s3",
    "dynamodb",
    "logs",
    "kinesis",
    "sqs",
    "cloudformation",
    "lambda",
];
/// The number of queries of the tag index while it still lists something, and the delay between them.
const LOOKS: usize = 6;
const PAUSE: Duration = Duration::from_secs(10);

/// The classification of an ARN that still has the environment's tags after a teardown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Classification {
    /// A key, which is never deleted immediately.
    Key,
    /// A snapshot of the warehouse.
    Snapshot,
    /// A resource without a fixed name that production keeps.
    Kept,
    /// A resource that is checked by name instead.
    ByName,
    /// A leftover.
    Leftover,
}

fn classify(arn: &str, production: bool) -> Classification {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let resource = parts.nth(2).unwrap_or_default();
    match service {
        "kms" => Classification::Key,
        "redshift" | "redshift-serverless" if resource.starts_with("snapshot") => {
            Classification::Snapshot
        }
        "secretsmanager" | "redshift-serverless" if production => Classification::Kept,
        service if BY_NAME.contains(&service) => Classification::ByName,
        _ => Classification::Leftover,
    }
}

/// Finds the resources that still exist by name. SQS lists a deleted queue for up to a minute.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>
async fn by_name(clients: &Clients, names: &BTreeSet<Named>) -> Result<Vec<String>, TeardownError> {
    let mut left: Vec<_> = names.iter().collect();
    for look in 1..=LOOKS {
        let mut still = Vec::new();
        for named in left {
            if is_there(clients, named).await? {
                still.push(named);
            }
        }
        left = still;
        if left.is_empty() || look == LOOKS {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(left.into_iter().map(ToString::to_string).collect())
}

/// Adds what remains to `destroyed`.
pub(super) async fn look(
    environment: &Environment,
    clients: &Clients,
    names: &BTreeSet<Named>,
    destroyed: &mut Destroyed,
    step: &Step,
) -> Result<(), TeardownError> {
    destroyed.leftovers = by_name(clients, names).await?;
    let production = environment.profile == Profile::Production;
    let client = Client::new(clients.sdk());
    for look in 1..=LOOKS {
        let arns = match tagged(&client, environment.name.as_ref()).await {
            Ok(arns) => arns,
            // Not every deployer may do this, and the teardown is complete: report it and continue.
            Err(error) => {
                destroyed.unknown.push(error.to_string());
                return Ok(());
            }
        };
        let of = |wanted: Classification| {
            let arns = arns
                .iter()
                .filter(move |arn| classify(arn, production) == wanted);
            arns.cloned().collect::<Vec<_>>()
        };
        let leftovers = of(Classification::Leftover);
        if leftovers.is_empty() || look == LOOKS {
            destroyed.keys = of(Classification::Key);
            destroyed.kept = of(Classification::Kept);
            destroyed.snapshots = of(Classification::Snapshot);
            destroyed.leftovers.extend(leftovers);
            return Ok(());
        }
        step.at(format!(
            "the tag index still lists {} resources",
            leftovers.len()
        ));
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Returns the ARNs of all resources with the environment's tags.
async fn tagged(client: &Client, environment: &str) -> Result<Vec<String>, CallFailure> {
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let mut pages = client
        .get_resources()
        .tag_filters(filter("application", APPLICATION))
        .tag_filters(filter("environment", environment))
        .into_paginator()
        .send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(CallFailure::of("tagging GetResources"))?;
        let found = page.resource_tag_mapping_list.unwrap_or_default();
        arns.extend(found.into_iter().filter_map(|it| it.resource_arn));
    }
    arns.sort();
    Ok(arns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_snapshots_are_not_leftovers_and_named_resources_are_not_counted_twice() {
        let cases = [
            ("arn:aws:kms:eu-west-1:1:key/0a", Classification::Key),
            (
                "arn:aws:redshift:eu-west-1:1:snapshot:c/final",
                Classification::Snapshot,
            ),
            (
                "arn:aws:redshift:eu-west-1:1:cluster:c",
                Classification::Leftover,
            ),
            (
                "arn:aws:redshift-serverless:eu-west-1:1:snapshot/0a",
                Classification::Snapshot,
            ),
            (
                "arn:aws:secretsmanager:eu-west-1:1:secret:s",
                Classification::Leftover,
            ),
            (
                "arn:aws:ec2:eu-west-1:1:vpc/vpc-0a",
                Classification::Leftover,
            ),
            ("arn:aws:s3:::riverhouse-dev-raw", Classification::ByName),
            ("not an arn", Classification::Leftover),
        ];
        for (arn, expected) in cases {
            assert_eq!(classify(arn, false), expected, "{arn}");
        }
        let secret = "arn:aws:secretsmanager:eu-west-1:1:secret:s";
        assert_eq!(classify(secret, true), Classification::Kept);
    }
}
