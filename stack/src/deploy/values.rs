//! The values that cross from one stack to the next.

use std::collections::BTreeMap;

use super::DeployError;
use crate::platform::Stack;

/// Role that a local COPY names. Nothing assumes it: the local Data API server reads S3 itself.
const LOCAL_COPY_ROLE: &str = "riverhouse-local-copy";

/// Values by the names of outputs and parameters.
pub(super) type Values = BTreeMap<String, String>;

/// On this machine, what the warehouse stack gives on AWS.
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

/// The values of a template's parameters: each the output of its name of a stack before it.
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
