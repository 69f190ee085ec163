//! Why the API cannot be asked.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;

use super::client::TIMEOUT;

/// Why there is no answer. The cause is the `source`.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No connection, or it broke.
    #[error(
        "no answer from {url}: is the environment up? `stack status` tells, `stack deploy` brings it up"
    )]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The answer did not come in time.
    #[error(
        "no answer from {url} within {} s: `stack status` tells whether it is overloaded",
        TIMEOUT.as_secs()
    )]
    Timeout {
        /// What was asked for.
        url: String,
    },
    /// Nobody to sign as.
    #[error("no credentials to sign {url}: log in to AWS, or set AWS_PROFILE")]
    Credentials {
        /// What was to be asked for.
        url: String,
        /// Why.
        source: CredentialsError,
    },
    /// No request can be made of the address.
    #[error(
        "{url} cannot be asked: `stack outputs` prints the API's address, `stack deploy` repairs it"
    )]
    Request {
        /// The address.
        url: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl ApiError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. })
    }
}
