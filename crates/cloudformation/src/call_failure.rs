//! Failed calls, and whether to retry them.

use std::error::Error as _;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failed call to AWS.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{doing} failed: {}{message}", prefix(code))]
pub struct CallFailure {
    /// The service, the action and the resource.
    pub doing: String,
    pub kind: FailureKind,
    /// The service's error code; empty if there was no response.
    pub code: String,
    /// The service's error message, or why there was no response.
    pub message: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FailureKind {
    /// Too many calls: the same call may succeed later.
    Throttled,
    /// No response, or an internal error of the service: the same call may succeed.
    Unreachable,
    /// The credentials are not valid: no call will succeed.
    SignedOut,
    /// The service refused the call.
    Refused,
}

/// Error codes of throttled calls.
const THROTTLES: [&str; 6] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
];

/// Error codes of invalid credentials.
const SIGNED_OUT: [&str; 9] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "OptInRequired",
];

impl CallFailure {
    /// Creates the failure of a call whose response is not usable.
    #[must_use]
    pub fn new(doing: String, code: &str, message: String) -> Self {
        Self {
            doing,
            kind: kind(code, &message, true),
            code: code.to_owned(),
            message,
        }
    }

    /// For `map_err` on a call to AWS: adds the call, the error code and the message.
    pub fn of<E, R>(doing: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        let doing = doing.into();
        move |error| {
            let code = error.code().unwrap_or_default();
            let answered = matches!(error, SdkError::ServiceError(_));
            let (kind, message) = if let Some(message) = error.message() {
                (kind(code, message, answered), message.to_owned())
            } else {
                // The SDK says only in its complete description that credentials are missing.
                let complete = DisplayErrorContext(&error).to_string();
                let outermost = if code.is_empty() {
                    Some(&error as &dyn std::error::Error)
                } else {
                    error.source()
                };
                let message = outermost.map(chain).unwrap_or_default();
                (kind(code, &complete, answered), message)
            };
            Self {
                doing,
                kind,
                code: code.to_owned(),
                message,
            }
        }
    }

    /// Returns whether the resource does not exist. CloudFormation has no error code of its own for an absent stack.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.kind == FailureKind::Refused
            && (self.message.contains("does not exist") || self.code.contains("NotFound"))
    }
}

/// Returns the code with a colon; empty for an empty code.
fn prefix(code: &str) -> String {
    if code.is_empty() {
        String::new()
    } else {
        format!("{code}: ")
    }
}

/// Returns the texts of an error and its sources, outermost first.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn kind(code: &str, message: &str, answered: bool) -> FailureKind {
    if THROTTLES.contains(&code) || message.contains("Rate exceeded") {
        FailureKind::Throttled
    } else if SIGNED_OUT.contains(&code) || (!answered && message.contains("credentials")) {
        FailureKind::SignedOut
    } else if !answered
        || ["InternalFailure", "InternalError", "ServiceUnavailable", ""].contains(&code)
    {
        FailureKind::Unreachable
    } else {
        FailureKind::Refused
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksError;
    use aws_smithy_runtime_api::http::{Response, StatusCode};
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[test]
    fn a_failure_names_the_call_and_the_code_or_else_every_source_of_the_error() {
        let text = |error: SdkError<DescribeStacksError, Response>| {
            CallFailure::of("cloudformation X")(error).to_string()
        };
        let refusal = ErrorMetadata::builder()
            .code("ValidationError")
            .message("Stack with id s does not exist")
            .build();
        let response = || Response::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
        let refused = SdkError::service_error(DescribeStacksError::generic(refusal), response());
        assert_eq!(
            text(refused),
            "cloudformation X failed: ValidationError: Stack with id s does not exist"
        );
        let unreachable = SdkError::timeout_error("no answer within a second");
        assert_eq!(
            text(unreachable),
            "cloudformation X failed: request has timed out: no answer within a second"
        );
    }

    #[test]
    fn only_invalid_credentials_and_a_refusal_end_the_retries() {
        assert_eq!(
            kind("Throttling", "Rate exceeded", true),
            FailureKind::Throttled
        );
        assert_eq!(
            kind("ValidationError", "Rate exceeded", true),
            FailureKind::Throttled
        );
        assert_eq!(kind("InternalFailure", "", true), FailureKind::Unreachable);
        assert_eq!(kind("", "<html>502</html>", true), FailureKind::Unreachable);
        assert_eq!(
            kind("", "connection refused", false),
            FailureKind::Unreachable
        );
        assert_eq!(kind("ExpiredToken", "", true), FailureKind::SignedOut);
        assert_eq!(
            kind("", "no credentials in the property bag", false),
            FailureKind::SignedOut
        );
        assert_eq!(
            kind("ValidationError", "does not exist", true),
            FailureKind::Refused
        );
    }
}
