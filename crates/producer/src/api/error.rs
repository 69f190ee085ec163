//! Errors of API calls.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;

use super::client::TIMEOUT;

/// Why there is no response. The cause is the `source`.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The connection failed or broke.
    #[error(
        "no answer from {url}: `stack status` shows whether the environment is running, `stack deploy` starts it"
    )]
    Unreachable {
        /// URL of the request.
        url: String,
        source: Box<dyn Error + Send + Sync>,
    },
    /// The response did not arrive in time.
    #[error(
        "no answer from {url} within {} s: `stack status` shows whether a stage is overloaded",
        TIMEOUT.as_secs()
    )]
    Timeout {
        /// URL of the request.
        url: String,
    },
    /// There are no credentials to sign with.
    #[error("no credentials to sign the request to {url}: sign in to AWS, or set AWS_PROFILE")]
    Credentials {
        /// URL of the request.
        url: String,
        source: CredentialsError,
    },
    /// The request cannot be built.
    #[error(
        "no request can be built for {url}: `stack outputs` prints the API's address, `stack deploy` repairs it"
    )]
    Request {
        /// URL of the request.
        url: String,
        source: Box<dyn Error + Send + Sync>,
    },
}

impl ApiError {
    /// Returns whether the same request may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. })
    }
}
