//! The desired stacks of an environment, and the values that are passed from one to the next.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_types::SdkConfig;
use cloudformation::{CallFailure, CloudFormation, DesiredStack};

use super::DeployError;
use super::logging_role::logging_role;
use crate::environment::APPLICATION;
use crate::environment::{Environment, Profile};
use crate::listing::EXPIRES;
use crate::platform::{self, Stack, StackKind};

/// The tags of the account's stack, which belongs to no environment.
static ACCOUNT_TAGS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| BTreeMap::from([("application".to_owned(), APPLICATION.to_owned())]));

/// The role in a local COPY. Nobody assumes it: the local Data API server reads S3 itself.
const LOCAL_COPY_ROLE: &str = "riverhouse-local-copy";

/// Values by the names of outputs and parameters.
pub(super) type Values = BTreeMap<String, String>;

/// Returns the local equivalent of the warehouse stack's outputs.
pub(super) fn local_warehouse(cluster_identifier: &str) -> Values {
    [
        ("WarehouseClusterIdentifier", cluster_identifier.to_owned()),
        ("WarehouseDatabase", ::local::DATABASE.to_owned()),
        (
            "WarehouseCopyRoleArn",
            format!("arn:aws:iam::{}:role/{LOCAL_COPY_ROLE}", ::local::ACCOUNT),
        ),
        ("WarehouseCopyRoleName", LOCAL_COPY_ROLE.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Returns the values of a template's parameters, each from the output of the same name of an earlier stack.
pub(super) fn parameters(stack: &Stack, values: &Values) -> Result<Values, DeployError> {
    stack
        .template
        .parameters()
        .map(|parameter| {
            let value = values.get(parameter).ok_or_else(|| DeployError::Unfilled {
                stack: stack.name.to_string(),
                parameter: parameter.to_owned(),
            })?;
            Ok((parameter.to_owned(), value.clone()))
        })
        .collect()
}

/// Returns all stacks that the environment needs: its own, and the account's stack if its API writes an
/// access log.
///
/// The account's stack is created by the first environment that needs it and left unchanged by others. It is
/// not created if API Gateway already has a role for its logs, because all APIs of the region share this
/// role.
pub(super) async fn needed(
    environment: &Environment,
    cloudformation: &CloudFormation,
    sdk: &SdkConfig,
) -> Result<Vec<Stack>, DeployError> {
    let mut all = platform::stacks(environment);
    if environment.is_local() || !environment.api.access_log {
        return Ok(all);
    }
    let account = platform::account_stack(environment);
    let ours = cloudformation.outputs(account.name.as_ref()).await?;
    let role = match ours {
        Some(_) => None,
        None => logging_role(sdk).await.map_err(|error| {
            CallFailure::new(
                "apigateway GetAccount".to_owned(),
                "refused",
                error.to_string(),
            )
        })?,
    };
    if role.is_none() {
        all.push(account);
    }
    Ok(all)
}

/// Returns the tags of the environment's stacks, including the expiry, if there is one.
pub(super) fn tags(environment: &Environment, expiry: Option<String>) -> BTreeMap<String, String> {
    let mut tags = environment.tags.clone();
    tags.extend(expiry.map(|at| (EXPIRES.to_owned(), at)));
    tags
}

/// Returns the desired state of a stack.
pub(super) fn desired_stack<'a>(
    environment: &Environment,
    stack: &'a Stack,
    parameters: &'a Values,
    tags: &'a BTreeMap<String, String>,
) -> DesiredStack<'a> {
    DesiredStack {
        stack: stack.name.as_ref(),
        template: &stack.template,
        parameters,
        tags: match stack.kind {
            StackKind::Account => &ACCOUNT_TAGS,
            _ => tags,
        },
        protect: environment.profile == Profile::Production,
    }
}
