//! The ARNs that belong to an environment.

use crate::environment::APPLICATION;
use crate::environment::{Environment, Target};
use crate::platform::{Names, StackKind};

/// Actions that support no resource, or whose resource is created by the action, so that its ARN is unknown.
/// They are restricted to the region instead.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const WITHOUT_RESOURCE: [&str; 15] = [
    "glue:CreateSecurityConfiguration",
    "glue:DeleteSecurityConfiguration",
    "glue:GetSecurityConfiguration",
    "kms:CreateKey",
    "lambda:CreateEventSourceMapping",
    "lambda:GetAccountSettings",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "redshift-data:CancelStatement",
    "redshift-data:GetStatementResult",
    "secretsmanager:GetRandomPassword",
    "tag:GetResources",
    "cloudwatch:PutMetricData",
];

/// The location and the names of an environment's resources.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    partition: &'static str,
    region: String,
    account: String,
    names: Names,
}

/// The resources to which an action is restricted.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Reach {
    /// Read-only actions, most of which support no resource.
    Look,
    /// Actions that support no resource, or only resources without names of ours.
    Region,
    /// Resources of this service with the environment's names.
    Named(&'static str),
}

impl Scope {
    /// Returns the scope of an environment on AWS; `None` for one on this machine.
    pub(super) fn of(environment: &Environment) -> Option<Self> {
        let Target::Aws {
            region, account, ..
        } = &environment.target
        else {
            return None;
        };
        Some(Self {
            partition: match region.split('-').next() {
                Some("cn") => "aws-cn",
                Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
                _ => "aws",
            },
            region: region.clone(),
            // A policy never reaches beyond its own account.
            account: account.clone().unwrap_or_else(|| "*".to_owned()),
            names: Names::of(environment),
        })
    }

    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Returns the resources to which an action is restricted.
    pub(super) fn reach(action: &'static str) -> Reach {
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        if name.starts_with("Describe") || name.starts_with("List") && service != "s3" {
            return Reach::Look;
        }
        if WITHOUT_RESOURCE.contains(&action) || is_region_wide(service) {
            Reach::Region
        } else {
            Reach::Named(service)
        }
    }

    /// Returns the ARN patterns of the environment's resources in a service.
    pub(super) fn arns(&self, service: &str) -> Vec<String> {
        // Statements run on the warehouse; the ARN of a workgroup has a generated id.
        if service == "redshift-data" {
            let clusters = self.arns("redshift").into_iter();
            let workgroups = self.arns("redshift-serverless").into_iter();
            return clusters
                .filter(|arn| arn.contains("cluster:"))
                .chain(workgroups.filter(|arn| arn.contains("workgroup/")))
                .collect();
        }
        let (region, account) = match service {
            "iam" => ("", self.account.as_str()),
            "apigateway" => (self.region.as_str(), ""),
            "s3" => ("", ""),
            _ => (self.region.as_str(), self.account.as_str()),
        };
        let partition = self.partition;
        self.resources(service)
            .into_iter()
            .map(|name| format!("arn:{partition}:{service}:{region}:{account}:{name}"))
            .collect()
    }

    /// Returns the last parts of the ARN patterns.
    fn resources(&self, service: &str) -> Vec<String> {
        let ours = self.names.plain("*");
        let plain = self.names.plain("");
        let database = plain.trim_end_matches('-').replace('-', "_");
        match service {
            "apigateway" => [
                "/account",
                "/apikeys*",
                "/restapis*",
                "/tags/*",
                "/usageplans*",
            ]
            .map(str::to_owned)
            .into(),
            "cloudformation" => vec![
                format!("stack/{ours}"),
                format!("stack/{}/*", self.names.stack(StackKind::Account)),
            ],
            "cloudwatch" => vec![format!("alarm:{ours}"), format!("dashboard/{ours}")],
            "dynamodb" => vec![format!("table/{ours}")],
            "execute-api" => vec!["*".to_owned()],
            "glue" => vec![
                "catalog".to_owned(),
                format!("database/{database}*"),
                format!("table/{database}*/*"),
                format!("*/{ours}"),
                format!("*/{database}*"),
            ],
            "iam" => vec![
                format!("role/{ours}"),
                format!("policy/{ours}"),
                format!("role/{APPLICATION}-api-logs-{}", self.region),
            ],
            "kinesis" => vec![format!("stream/{ours}")],
            // The ARN of a key has a generated id; only the alias has a name.
            "kms" => vec!["key/*".to_owned(), format!("alias/{ours}")],
            "lambda" => vec![
                format!("function:{ours}"),
                "event-source-mapping:*".to_owned(),
            ],
            "logs" => vec![
                format!("log-group:/aws*/{ours}"),
                "log-group:API-Gateway-Execution-Logs_*".to_owned(),
            ],
            "redshift" => [
                "cluster",
                "parametergroup",
                "subnetgroup",
                "snapshot",
                "endpoint",
            ]
            .iter()
            .map(|what| format!("{what}:{}*", plain.trim_end_matches('-')))
            .collect(),
            "redshift-serverless" => ["namespace/*", "workgroup/*", "snapshot/*"]
                .map(str::to_owned)
                .into(),
            "s3" => vec![ours.clone(), format!("{ours}/*")],
            "scheduler" => vec![format!("schedule/*/{ours}")],
            // Redshift chooses the name of the secret that it manages.
            "secretsmanager" => vec![
                format!("secret:{}*", self.names.secret("")),
                "secret:redshift!*".to_owned(),
            ],
            "wafv2" => vec![
                format!("regional/webacl/{ours}/*"),
                "regional/managedruleset/*/*".to_owned(),
            ],
            _ => vec![ours],
        }
    }
}

/// Services whose resources have no names that we choose.
fn is_region_wide(service: &str) -> bool {
    matches!(service, "ec2" | "tag")
}
