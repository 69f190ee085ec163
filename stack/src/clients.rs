//! SDK clients for AWS, or for the local emulator.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{BehaviorVersion, SharedHttpClient};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::Region;
use local::Addresses;

use crate::environment::{Environment, Target};

/// Environment variable that overrides the endpoint of the SDK and the aws CLI.
const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// Environment variable that overrides the endpoint of the Data API only.
const DATA_API_URL: &str = "AWS_ENDPOINT_URL_REDSHIFT_DATA";

/// SDK configuration of an environment, and the endpoint of the Data API if it differs.
#[derive(Clone, Debug)]
pub struct Clients {
    sdk: SdkConfig,
    data_api_url: Option<String>,
    account: String,
}

/// Why an environment on AWS cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// The shell is configured for an emulator.
    #[error(
        "{ENDPOINT_URL} is `{0}`, an address of this machine, but the environment is on AWS: unset it, or set `target.aws.endpoint_url` in the environment's file to use another endpoint"
    )]
    Loopback(String),
    /// There are no credentials, or AWS does not accept them.
    #[error(
        "cannot sign in to AWS: {0}: check `aws sts get-caller-identity`; an SSO profile needs `credential_process = aws configure export-credentials --profile NAME`"
    )]
    SignIn(String),
    /// The environment belongs to another account.
    #[error(
        "environment `{environment}` belongs to account {wanted}, but these credentials are of account {found}: sign in to {wanted}"
    )]
    OtherAccount {
        environment: String,
        /// Account of the environment.
        wanted: String,
        /// Account of the credentials in use.
        found: String,
    },
}

/// Returns the HTTP client that all SDK clients share. It uses ring for cryptography, which needs no separate
/// C toolchain to build.
#[must_use]
pub fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

impl Clients {
    /// Returns clients of a local environment. Real AWS credentials are never read.
    #[must_use]
    pub fn local(addresses: &Addresses) -> Self {
        let root = Credentials::new(
            local::ACCESS_KEY_ID,
            local::SECRET_ACCESS_KEY,
            None,
            None,
            "local",
        );
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(local::REGION))
            .credentials_provider(SharedCredentialsProvider::new(root))
            .endpoint_url(&addresses.endpoint_url)
            .http_client(http())
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(45))
                    .build(),
            )
            .build();
        Self {
            sdk,
            data_api_url: Some(addresses.data_api_url.clone()),
            account: local::ACCOUNT.to_owned(),
        }
    }

    /// Returns clients of `environment`, which is on AWS. The SDK finds credentials as the aws CLI does. Verifies
    /// their account first, so that nothing starts in the wrong account.
    ///
    /// # Errors
    ///
    /// When there are no valid credentials, they belong to another account than the environment, or the shell is
    /// configured for an emulator.
    pub async fn aws(environment: &Environment) -> Result<Self, ClientsError> {
        let Target::Aws {
            region,
            account,
            endpoint_url,
            ..
        } = &environment.target
        else {
            return Err(ClientsError::SignIn(format!(
                "environment `{}` is on this machine",
                environment.name
            )));
        };
        let clients = Self::signed(region, endpoint_url.as_deref()).await?;
        match account {
            Some(wanted) if *wanted != clients.account => Err(ClientsError::OtherAccount {
                environment: environment.name.to_string(),
                wanted: wanted.clone(),
                found: clients.account,
            }),
            _ => Ok(clients),
        }
    }

    /// Returns clients of an AWS region, for any environment.
    ///
    /// # Errors
    ///
    /// When there are no valid credentials, or the shell is configured for an emulator.
    pub async fn region(region: &str) -> Result<Self, ClientsError> {
        Self::signed(region, None).await
    }

    async fn signed(region: &str, endpoint_url: Option<&str>) -> Result<Self, ClientsError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .http_client(http())
            .retry_config(RetryConfig::adaptive().with_max_attempts(8))
            // A connection may die silently, for example while a laptop sleeps. These timeouts detect it.
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .read_timeout(Duration::from_mins(1))
                    .build(),
            );
        match (endpoint_url, std::env::var(ENDPOINT_URL)) {
            (Some(url), _) => loader = loader.endpoint_url(url),
            (None, Ok(url)) if is_loopback(&url) => return Err(ClientsError::Loopback(url)),
            _ => {}
        }
        let mut clients = Self {
            sdk: loader.load().await,
            account: String::new(),
            // A custom endpoint may not provide the Data API, and an explicit endpoint makes the SDK ignore the
            // variable.
            data_api_url: endpoint_url.and_then(|_| std::env::var(DATA_API_URL).ok()),
        };
        clients.account = clients.signed_in().await?;
        Ok(clients)
    }

    /// Returns the same clients with a time limit per call and one retry.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(limit)
            .operation_timeout(limit)
            .build();
        let sdk = self.sdk.to_builder();
        Self {
            sdk: sdk
                .retry_config(RetryConfig::standard().with_max_attempts(2))
                .timeout_config(timeouts)
                .build(),
            ..self.clone()
        }
    }

    /// Returns the account of the credentials in use.
    async fn signed_in(&self) -> Result<String, ClientsError> {
        let identity = aws_sdk_sts::Client::new(&self.sdk)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| ClientsError::SignIn(causes(&error)))?;
        Ok(identity.account.unwrap_or_default())
    }

    /// Returns the account of the credentials in use.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the configuration for every service except the Redshift Data API.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// Returns the configuration for the Redshift Data API.
    #[must_use]
    pub fn data_api(&self) -> SdkConfig {
        match &self.data_api_url {
            Some(url) => self.sdk.to_builder().endpoint_url(url).build(),
            None => self.sdk.clone(),
        }
    }

    /// Returns the endpoint of the Data API if it differs from the others.
    pub(crate) fn data_api_url(&self) -> Option<&str> {
        self.data_api_url.as_deref()
    }

    /// Returns an S3 client. For an emulator it uses path-style addresses.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk)
            .force_path_style(self.sdk.endpoint_url().is_some())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }
}

/// Formats an error with its causes, without the requests and responses that the SDK prints.
fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Returns whether `url` is a loopback address.
fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["localhost", "127.", "[::1]", "0.0.0.0"]
        .iter()
        .any(|own| host.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_is_known_by_its_host() {
        for own in [
            "http://localhost:4566",
            "http://127.0.0.1",
            "https://[::1]:443/",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "https://vpce-1.execute-api.eu-west-1.vpce.amazonaws.com",
            "https://10.0.0.1",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
