//! Errors of API calls.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;

use super::client::TIMEOUT;

/// Why there is no response. The cause is the `source`.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The connection failed or broke.
    #[error(
        "no answer from {url}: is the environment up? `stack status` tells, `stack deploy` brings it up"
    )]
    Unreachable {
        /// URL of the request.
        url: String,
        source: Box<dyn Error + Send + Sync>,
    },
    /// The response did not arrive in time.
    #[error(
        "no answer from {url} within {} s: `stack status` tells whether it is overloaded",
        TIMEOUT.as_secs()
    )]
    Timeout {
        /// URL of the request.
        url: String,
    },
    /// There are no credentials to sign with.
    #[error("no credentials to sign {url}: log in to AWS, or set AWS_PROFILE")]
    Credentials {
        /// URL of the request.
        url: String,
        source: CredentialsError,
    },
    /// The request cannot be built.
    #[error(
        "{url} cannot be asked: `stack outputs` prints the API's address, `stack deploy` repairs it"
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
