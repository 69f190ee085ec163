//! Waits until Lambda runs the deployed code, which is a little later than CloudFormation reports success.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{LastUpdateStatus, State};
use cloudformation::CallFailure;

use super::DeployError;

/// Waits until the function is active with its newest code.
pub(super) async fn wait_active(client: &Client, function: &str) -> Result<(), DeployError> {
    loop {
        let found = client
            .get_function_configuration()
            .function_name(function)
            .send()
            .await
            .map_err(CallFailure::of(format!(
                "lambda GetFunctionConfiguration of `{function}`"
            )))?;
        let inactive = |reason: Option<&str>| DeployError::Inactive {
            function: function.to_owned(),
            reason: reason.unwrap_or("no reason was given").to_owned(),
        };
        match (found.state(), found.last_update_status()) {
            (Some(State::Failed), _) => return Err(inactive(found.state_reason())),
            (_, Some(LastUpdateStatus::Failed)) => {
                return Err(inactive(found.last_update_status_reason()));
            }
            (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            _ => return Ok(()),
        }
    }
}
