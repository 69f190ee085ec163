//! Converts an SDK error into a port's error.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::ports::CallError;

/// Converts the error of `action` of `service` on `resource` into a [`CallError`] for the log and `status`.
#[must_use]
pub fn call_error<E, R>(
    service: &'static str,
    action: &'static str,
    resource: String,
    error: &SdkError<E, R>,
) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let (code, message) = match error {
        SdkError::ServiceError(answer) => (
            answer
                .err()
                .code()
                .unwrap_or("an error without a code")
                .to_owned(),
            answer
                .err()
                .message()
                .unwrap_or("without a message")
                .to_owned(),
        ),
        other => {
            let what = match other {
                SdkError::TimeoutError(_) => "timed out",
                SdkError::DispatchFailure(_) => "no connection",
                SdkError::ResponseError(_) => "unreadable answer",
                _ => "request not made",
            };
            (what.to_owned(), DisplayErrorContext(other).to_string())
        }
    };
    CallError {
        service,
        action,
        resource,
        code,
        message,
    }
}
