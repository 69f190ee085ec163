//! Checks of an AWS account, without Service Quotas.

use cfn::resources::kinesis::Capacity;
use cloudformation::CallFailure;

use super::{Check, Finding};
use crate::clients::Clients;
use crate::environment::{Environment, Warehouse};
use crate::function::FUNCTIONS;

/// The smallest concurrency limit that can serve one call of every batch and API function, and two loaders.
const MIN_CONCURRENCY: i32 = 10;

/// Checks what the environment needs of its account: the credentials, and the limits that the services
/// themselves report.
pub async fn of_account(environment: &Environment) -> Vec<Check> {
    let clients = match Clients::aws(environment).await {
        Ok(clients) => clients,
        Err(error) => {
            return vec![Check {
                what: "credentials",
                finding: Finding::Missing(error.to_string()),
            }];
        }
    };
    let region = clients.sdk().region().map_or("", AsRef::as_ref);
    let mut checks = vec![Check {
        what: "credentials",
        finding: Finding::Found(format!("account {} in {region}", clients.account())),
    }];
    checks.push(asked("Lambda concurrency", concurrency(&clients).await));
    checks.push(asked(
        "Kinesis capacity",
        stream(&clients, environment.stream).await,
    ));
    checks.push(Check {
        what: "VPC and Redshift quotas",
        finding: Finding::Unknown(unasked(&environment.warehouse)),
    });
    checks
}

fn asked(what: &'static str, answer: Result<Finding, CallFailure>) -> Check {
    Check {
        what,
        finding: answer.unwrap_or_else(|error| Finding::Unknown(error.to_string())),
    }
}

async fn concurrency(clients: &Clients) -> Result<Finding, CallFailure> {
    let settings = aws_sdk_lambda::Client::new(clients.sdk())
        .get_account_settings()
        .send()
        .await
        .map_err(CallFailure::of("lambda GetAccountSettings"))?;
    let limit = settings
        .account_limit()
        .map_or(0, |limit| limit.concurrent_executions);
    Ok(executions(limit))
}

/// Judges the concurrency limit. New accounts have 10, which is little for all functions together, and refuse any
/// reservation.
fn executions(limit: i32) -> Finding {
    if limit < MIN_CONCURRENCY {
        return Finding::Missing(format!(
            "{limit} concurrent executions for {} functions: request an increase in Service Quotas (L-B99A9384)",
            FUNCTIONS.len()
        ));
    }
    Finding::Found(format!("{limit} concurrent executions"))
}

async fn stream(clients: &Clients, capacity: Capacity) -> Result<Finding, CallFailure> {
    let limits = aws_sdk_kinesis::Client::new(clients.sdk())
        .describe_limits()
        .send()
        .await
        .map_err(CallFailure::of("kinesis DescribeLimits"))?;
    let (used, limit) = match capacity {
        Capacity::OnDemand => (
            limits.on_demand_stream_count,
            limits.on_demand_stream_count_limit,
        ),
        Capacity::Provisioned { .. } => (limits.open_shard_count, limits.shard_limit),
    };
    Ok(room(capacity, used, limit))
}

/// Returns whether the environment's stream fits into the account; if the stream already exists, it is counted twice.
fn room(capacity: Capacity, used: i32, limit: i32) -> Finding {
    let (wanted, what) = match capacity {
        Capacity::OnDemand => (1, "on-demand streams"),
        Capacity::Provisioned { shards } => (i32::from(shards), "shards"),
    };
    let text = format!("{used} of {limit} {what} in use, {wanted} needed");
    if used + wanted > limit {
        Finding::Optional(format!(
            "{text}: unless they belong to this environment, request an increase in Service Quotas"
        ))
    } else {
        Finding::Found(text)
    }
}

fn unasked(warehouse: &Warehouse) -> String {
    let redshift = match warehouse {
        Warehouse::Local => String::new(),
        Warehouse::Cluster { nodes, .. } => format!(
            " and its Redshift nodes of {} (200 in total)",
            nodes.kind().as_str()
        ),
        Warehouse::Serverless { .. } => " and its capacity of Redshift Serverless".to_owned(),
    };
    format!(
        "not checked: look in Service Quotas whether the region has room for 1 VPC (5 by default){redshift}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_low_concurrency_is_missing_and_enough_is_found() {
        assert!(matches!(executions(0), Finding::Missing(_)));
        assert_eq!(
            executions(1000),
            Finding::Found("1000 concurrent executions".to_owned())
        );
    }

    #[test]
    fn a_full_account_is_reported_with_what_is_needed() {
        let provisioned = Capacity::Provisioned { shards: 4 };
        assert!(matches!(room(provisioned, 1, 5), Finding::Found(_)));
        let Finding::Optional(text) = room(provisioned, 2, 5) else {
            panic!("it fits");
        };
        assert!(text.starts_with("2 of 5 shards in use, 4 needed"), "{text}");
        assert!(matches!(
            room(Capacity::OnDemand, 50, 50),
            Finding::Optional(_)
        ));
    }

    #[test]
    fn what_cannot_be_checked_is_reported_with_its_size() {
        let of = |name| unasked(&Environment::load(name).unwrap().warehouse);
        assert!(of("prod").contains("Redshift nodes of ra3.large"));
        assert!(of("dev").contains("Redshift Serverless"));
    }
}
