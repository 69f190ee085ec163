//! Invokes a function of the environment and waits for its response.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use cloudformation::CallFailure;
use serde_json::Value;

use crate::function::FunctionSpec;
use crate::platform::Names;
use crate::session::Session;

/// Maximum duration of a function, 900 seconds, and a margin.
const PATIENCE: Duration = Duration::from_secs(920);

/// Why a function gave no response.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The call to Lambda failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The function returned an error.
    #[error(
        "function `{function}` failed: {message}; `stack status` and `stack logs` show the cause"
    )]
    Function {
        function: String,
        /// Error message of the function.
        message: String,
    },
}

/// Invokes `function` with `event` and waits for its response. Does not retry.
///
/// # Errors
///
/// When the call to Lambda fails, or the function returns an error.
pub(crate) async fn invoke(
    session: &Session,
    function: &FunctionSpec,
    event: &Value,
) -> Result<Value, InvokeError> {
    invoke_with(session, function, event, RetryConfig::disabled()).await
}

/// Does the same, but retries calls that are throttled or fail to connect. The function must be idempotent.
///
/// # Errors
///
/// When the call to Lambda fails, or the function returns an error.
pub(crate) async fn invoke_with(
    session: &Session,
    function: &FunctionSpec,
    event: &Value,
    retries: RetryConfig,
) -> Result<Value, InvokeError> {
    let function = Names::of(&session.environment).function(function);
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(PATIENCE)
        .operation_attempt_timeout(PATIENCE)
        .build();
    let config = aws_sdk_lambda::config::Builder::from(session.sdk())
        .retry_config(retries)
        .timeout_config(timeouts)
        .build();
    let answer = Client::from_conf(config)
        .invoke()
        .function_name(&function)
        .payload(Blob::new(event.to_string()))
        .send()
        .await
        .map_err(CallFailure::of(format!("lambda Invoke of `{function}`")))?;
    let payload = answer.payload().map(Blob::as_ref).unwrap_or_default();
    let payload: Value = serde_json::from_slice(payload).unwrap_or_default();
    if answer.function_error().is_none() {
        return Ok(payload);
    }
    let message = payload["errorMessage"]
        .as_str()
        .unwrap_or("it gave no reason");
    Err(InvokeError::Function {
        function,
        message: message.to_owned(),
    })
}
