//! Failed calls, and whether to retry them.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failed call to AWS.
#[derive(Clone, Debug)]
pub(crate) struct CallFailure {
    pub(crate) kind: FailureKind,
    /// The service's error code; empty if there was no response.
    pub(crate) code: String,
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailureKind {
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
    /// Converts the SDK's error.
    pub(crate) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        let code = error.code().unwrap_or_default().to_owned();
        let message = error
            .message()
            .map_or_else(|| DisplayErrorContext(error).to_string(), str::to_owned);
        Self {
            kind: kind(&code, &message, matches!(error, SdkError::ServiceError(_))),
            code,
            message,
        }
    }

    /// CloudFormation has no error code of its own for an absent stack.
    pub(crate) fn is_absent(&self) -> bool {
        self.kind == FailureKind::Refused
            && (self.message.contains("does not exist") || self.code.contains("NotFound"))
    }
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
