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
    /// A response that is an error although the call succeeded.
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
            let code = error.code().unwrap_or_default().to_owned();
            let answered = matches!(error, SdkError::ServiceError(_));
            // The SDK says only in its complete description that credentials are missing.
            let kind = kind(
                &code,
                &error
                    .message()
                    .map_or_else(|| DisplayErrorContext(&error).to_string(), str::to_owned),
                answered,
            );
            let message = error.message().map_or_else(
                || {
                    if code.is_empty() {
                        chain(&error)
                    } else {
                        error.source().map(chain).unwrap_or_default()
                    }
                },
                str::to_owned,
            );
            Self {
                doing,
                kind,
                code,
                message,
            }
        }
    }

    /// Whether the resource does not exist. CloudFormation has no error code of its own for an absent stack.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.kind == FailureKind::Refused
            && (self.message.contains("does not exist") || self.code.contains("NotFound"))
    }
}

/// The code with a colon; empty for an empty code.
fn prefix(code: &str) -> String {
    if code.is_empty() {
        String::new()
    } else {
        format!("{code}: ")
    }
}

/// The texts of an error and its sources, outermost first.
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
    use super::*;

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
