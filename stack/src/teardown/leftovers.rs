//! Looks for anything of an environment that remained: by exact name, and by its tags.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::types::TagFilter;

use super::sweep::{Named, is_there};
use super::{Destroyed, TeardownError};
use crate::clients::Clients;
use crate::deploy::{DeployError, Step};
use crate::environment::APPLICATION;
use crate::environment::{Environment, Profile};

/// Services whose resources were looked for by name: the index of tags forgets them some minutes late.
const BY_NAME: [&str; 7] = [
    "s3",
    "dynamodb",
    "logs",
    "kinesis",
    "sqs",
    "cloudformation",
    "lambda",
];
/// How often the index of tags is asked while it still lists something, and the pause between.
const LOOKS: usize = 6;
const PAUSE: Duration = Duration::from_secs(10);

/// What an ARN that carries the environment's tags means after a teardown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meaning {
    /// A key: never deleted at once.
    Key,
    /// A snapshot of the warehouse.
    Snapshot,
    /// What production keeps without a name of its own.
    Kept,
    /// Found by name, or not at all.
    ByName,
    /// It should be gone.
    Leftover,
}

fn meaning(arn: &str, production: bool) -> Meaning {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let resource = parts.nth(2).unwrap_or_default();
    match service {
        "kms" => Meaning::Key,
        "redshift" | "redshift-serverless" if resource.starts_with("snapshot") => Meaning::Snapshot,
        "secretsmanager" | "redshift-serverless" if production => Meaning::Kept,
        service if BY_NAME.contains(&service) => Meaning::ByName,
        _ => Meaning::Leftover,
    }
}

/// What can still be found by its name. SQS knows a deleted queue for up to a minute.
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

/// Writes into `destroyed` what remained.
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
            // Not everybody may, and everything else is done: say so and go on.
            Err(error) => {
                destroyed.unknown.push(error.to_string());
                return Ok(());
            }
        };
        let of = |wanted: Meaning| {
            let arns = arns
                .iter()
                .filter(move |arn| meaning(arn, production) == wanted);
            arns.cloned().collect::<Vec<_>>()
        };
        let leftovers = of(Meaning::Leftover);
        if leftovers.is_empty() || look == LOOKS {
            destroyed.keys = of(Meaning::Key);
            destroyed.kept = of(Meaning::Kept);
            destroyed.snapshots = of(Meaning::Snapshot);
            destroyed.leftovers.extend(leftovers);
            return Ok(());
        }
        step.at(format!("the index of tags lists {} still", leftovers.len()));
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The ARNs of everything that carries the environment's tags.
async fn tagged(client: &Client, environment: &str) -> Result<Vec<String>, DeployError> {
    let filter = |key: &str, value: &str| TagFilter::builder().key(key).values(value).build();
    let mut pages = client
        .get_resources()
        .tag_filters(filter("application", APPLICATION))
        .tag_filters(filter("environment", environment))
        .into_paginator()
        .send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(DeployError::call("tagging GetResources"))?;
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
    fn keys_and_snapshots_are_no_leftovers_and_what_is_found_by_name_is_not_counted_twice() {
        let cases = [
            ("arn:aws:kms:eu-west-1:1:key/0a", Meaning::Key),
            (
                "arn:aws:redshift:eu-west-1:1:snapshot:c/final",
                Meaning::Snapshot,
            ),
            ("arn:aws:redshift:eu-west-1:1:cluster:c", Meaning::Leftover),
            (
                "arn:aws:redshift-serverless:eu-west-1:1:snapshot/0a",
                Meaning::Snapshot,
            ),
            (
                "arn:aws:secretsmanager:eu-west-1:1:secret:s",
                Meaning::Leftover,
            ),
            ("arn:aws:ec2:eu-west-1:1:vpc/vpc-0a", Meaning::Leftover),
            ("arn:aws:s3:::riverhouse-dev-raw", Meaning::ByName),
            ("not an arn", Meaning::Leftover),
        ];
        for (arn, expected) in cases {
            assert_eq!(meaning(arn, false), expected, "{arn}");
        }
        let secret = "arn:aws:secretsmanager:eu-west-1:1:secret:s";
        assert_eq!(meaning(secret, true), Meaning::Kept);
    }
}
