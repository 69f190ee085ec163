//! A call that failed, and whether to call again.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A call to AWS that failed.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) kind: TroubleKind,
    /// The service's code; empty when it did not answer.
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TroubleKind {
    /// Too many calls: the same one later is fine.
    Throttled,
    /// No answer, or the service failed by itself: the same call again may be fine.
    Unreachable,
    /// The credentials are no good: no call will be fine.
    SignedOut,
    /// The service says no.
    Refused,
}

/// Codes that mean "too many calls".
const THROTTLES: [&str; 6] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
];

/// Codes that mean "these credentials are no good".
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

impl Trouble {
    /// Narrows the SDK's error.
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

    /// CloudFormation has no code of its own for an absent stack.
    pub(crate) fn is_absent(&self) -> bool {
        self.kind == TroubleKind::Refused
            && (self.message.contains("does not exist") || self.code.contains("NotFound"))
    }
}

fn kind(code: &str, message: &str, answered: bool) -> TroubleKind {
    if THROTTLES.contains(&code) || message.contains("Rate exceeded") {
        TroubleKind::Throttled
    } else if SIGNED_OUT.contains(&code) || (!answered && message.contains("credentials")) {
        TroubleKind::SignedOut
    } else if !answered
        || ["InternalFailure", "InternalError", "ServiceUnavailable", ""].contains(&code)
    {
        TroubleKind::Unreachable
    } else {
        TroubleKind::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bad_credentials_and_a_clear_no_end_the_asking() {
        assert_eq!(
            kind("Throttling", "Rate exceeded", true),
            TroubleKind::Throttled
        );
        assert_eq!(
            kind("ValidationError", "Rate exceeded", true),
            TroubleKind::Throttled
        );
        assert_eq!(kind("InternalFailure", "", true), TroubleKind::Unreachable);
        assert_eq!(kind("", "<html>502</html>", true), TroubleKind::Unreachable);
        assert_eq!(
            kind("", "connection refused", false),
            TroubleKind::Unreachable
        );
        assert_eq!(kind("ExpiredToken", "", true), TroubleKind::SignedOut);
        assert_eq!(
            kind("", "no credentials in the property bag", false),
            TroubleKind::SignedOut
        );
        assert_eq!(
            kind("ValidationError", "does not exist", true),
            TroubleKind::Refused
        );
    }
}
